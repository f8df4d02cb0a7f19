import ChangeSet
import ServiceModel

/// Why the root could not cut a node off as it was asked.
package enum CutError: CodedError, Hashable, Sendable {
    /// The root would cut itself off, and nobody could give it a machine again.
    case ownNode
    /// The node's journal has forked, and a cut must say which line stands; these are the lines.
    case chooseBranch([String])
    /// Nothing but what the node has published has forked, and of that a cut keeps both lines.
    case forkOfPublished
    /// The node is cut off already; so many change sets that are held here could be let stand beyond that.
    case stands(StandingCut, beyond: Int)
    /// The node is cut off already, and no other cut can let anything else stand.
    case final(StandingCut)
    /// The first cut of the node gave what it held to this unit, and no other one moves it.
    case heirStays(node: String, heir: UnitCode)

    /// What stands of a node that was cut.
    package struct StandingCut: Hashable, Sendable {
        /// The node that was cut.
        package let node: String
        /// The last sequence that stands; 0 where nothing does.
        package let through: UInt64
        /// Name of the line that was kept; nil where none was, or it is not held here.
        package let line: String?

        package init(node: String, through: UInt64, line: String?) {
            self.node = node
            self.through = through
            self.line = line
        }

        fileprivate var words: Words {
            let line = line.map { Words(", in the line \($0)", "（\($0)一支）") } ?? Words("", "")
            return Words("its casework through sequence \(through)", "其办件日志至序号\(through)") + line
        }
    }

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .ownNode: "cut.ownNode"
        case .chooseBranch: "cut.chooseBranch"
        case .forkOfPublished: "cut.forkOfPublished"
        case .stands: "cut.stands"
        case .final: "cut.final"
        case .heirStays: "cut.heirStays"
        }
    }

    /// What it is about, to be put into the message.
    package var words: Words {
        switch self {
        case .ownNode:
            Words(
                "this is the root's own machine, and nobody could enroll another one once it is cut: name another node",
                "这是根节点本机，切除后无人能为其登记新机器：请指定其他节点")
        case .chooseBranch(let names) where names.isEmpty:
            Words(
                "the journal of that node has not forked: leave --keep out", "该节点的日志没有分叉：请去掉 --keep")
        case .chooseBranch(let names):
            Words(
                "two machines have written under that name: say with --keep which line stands: "
                    + "\(names.joined(separator: ", ")); `terrace node forks` tells them apart",
                "有两台机器以该名义写入：请用 --keep 指明保留哪一支：\(names.joined(separator: "，"))；"
                    + "可用 terrace node forks 查看区别")
        case .forkOfPublished:
            Words(
                "nothing but what that node has published has forked, and both lines of that stand: leave --keep out",
                "该节点只有所发布的事项分叉，两支都保留：请去掉 --keep")
        case .stands(let cut, 0):
            Words("\(cut.node) is cut off already: ", "\(cut.node)早已切除：") + cut.words
                + Words(" stands, and nothing of it lies beyond that here", "有效，本节点没有其后的变更")
        case .stands(let cut, let beyond):
            Words("\(cut.node) is cut off already: ", "\(cut.node)早已切除：") + cut.words
                + Words(
                    " stands, and \(beyond) change sets of it that lie beyond that here are proposals. `--further` "
                        + "lets them stand too: never give it for a machine that was stolen",
                    "有效，本节点上其后的\(beyond)条变更只是提议。加 --further 可使其一并有效：机器若是被盗，切勿使用")
        case .final(let cut):
            Words("\(cut.node) is cut off already: ", "\(cut.node)早已切除：") + cut.words
                + Words(
                    " stands, which is final. No other line can be chosen, nor a later incarnation; what else was done "
                        + "are proposals, which whoever holds the case answers by `terrace case answer`",
                    "有效，且不可更改。不能另选一支，也不能选其后的化身；其余办理均为提议，由承办单位用 terrace case answer 答复")
        case .heirStays(let node, let heir):
            Words(
                "since the first cut of \(node), \(heir) has what it held, and no other cut moves that: leave --heir "
                    + "out; \(heir) hands cases on by `terrace case forward`",
                "自\(node)首次切除起，其所持办件归\(heir)，再次切除不会变更：请去掉 --heir；\(heir)可用 terrace case forward 转办")
        }
    }
}
