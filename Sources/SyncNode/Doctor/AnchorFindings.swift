import Replica
import ServiceModel

/// The anchor, which keeps numbers from being given twice.
extension FindingKind {
    static let ofAnchor = [anchorDamaged, anchorMissed, anchorAbsent, anchorGuessed]

    static let anchorDamaged = FindingKind(
        "anchor.damaged", .danger,
        effect: Words("The node does not start.", "节点无法启动。"),
        wayOut: Words(
            "`mv DIR/anchor DIR/anchor.damaged`, and start the node. It passes over 100,000 numbers. Where it has work "
                + "that was not sealed, it says so first, and starts only with `terrace serve --data DIR "
                + "--leave-unsent-work-behind`. Never take the anchor from a backup.",
            "`mv DIR/anchor DIR/anchor.damaged`，再启动节点。节点将跳过十万个流水号。若有尚未封存的内容，会先说明，只有用 "
                + "`terrace serve --data DIR --leave-unsent-work-behind` 才会启动。切勿用备份中的 anchor。"))

    static let anchorMissed = FindingKind(
        "anchor.missed", .danger,
        effect: Words(
            "The node can be looked at, and does not start: without the file they could not be sent any more.",
            "节点可以查看，但不启动：没有该文件，这些内容再也无法上报。"),
        wayOut: Words(
            "Put the file back where it was moved from, and never one from a backup. If it is lost, note down what "
                + "waits, `terrace case list --data DIR --unsent`, and start with `terrace serve --data DIR "
                + "--leave-unsent-work-behind`: what was not sealed rests until somebody enters it again. At the root "
                + "restore the last backup instead, if there is one, `terrace restore BACKUP --data DIR --replace "
                + "--losing-unsent`: the charter itself may be among what would rest.",
            "请找到并放回该文件，切勿用备份中的。若已丢失，请先记下待上报的办件：`terrace case list --data DIR --unsent`，再用 "
                + "`terrace serve --data DIR --leave-unsent-work-behind` 启动：尚未封存的内容被搁置，直到有人重新录入。"
                + "在根节点，如有备份请改为恢复最近的备份，`terrace restore BACKUP --data DIR --replace --losing-unsent`："
                + "被搁置的可能包括章程本身。"))

    static let anchorAbsent = FindingKind(
        "anchor.absent", .warning,
        effect: Words(
            "At its next start the node passes over 100,000 receipt numbers, so that none is given twice.",
            "下次启动时将跳过十万个受理编号，以免重号。"),
        wayOut: Words(
            "If the file is only misplaced, put it back before the node starts. Otherwise start it, `terrace serve "
                + "--data DIR`, and let it reach the unit above once.",
            "若文件只是放错了地方，请在启动前放回。否则请启动节点：`terrace serve --data DIR`，并与上级联系一次。"))

    static let anchorGuessed = FindingKind(
        "anchor.guessed", .warning,
        effect: Words(
            "Receipt numbers have jumped, which is in order; two machines under one name would not be noticed yet.",
            "受理编号有跳跃，属正常；但尚不能发现两台机器同用一名。"),
        wayOut: Words(
            "It ends by itself when an exchange with the unit above ends, which on a busy line may take long; at once "
                + "it ends ", "与上级的一次交换结束时自动消除，线路繁忙时可能较久；要立即消除：")
            + exchangesAtOnce
            + Words(
                ". By stick it ends with a bundle from above, brought whole, that was made after one from here came.",
                "。只靠U盘时，先把本节点的数据包送到上级，再带回上级其后导出的数据包，全部导入即可。"))
}

extension NodeFacts {
    var ofAnchor: [Finding] {
        guard folder.hasNode, folder.missing.count < 3, folder.trouble?.isDenied != true else { return [] }
        switch folder.anchor {
        case .damaged where folder.denied.contains("anchor"): return []
        case .damaged: return [Finding(.anchorDamaged, Words("the anchor is damaged", "anchor 文件已损坏"))]
        case .absent: return [absent(unsealed: replica?.unsealedForAnchor ?? 0)]
        case .held where isAnchorOther:
            return [
                Finding(
                    .anchorMissed,
                    Words(
                        "the anchor is another one's, and change sets of this node are not sealed yet: "
                            + "\(replica?.unsealedForAnchor ?? 0)",
                        "anchor 文件不属于本数据库，且本节点有\(replica?.unsealedForAnchor ?? 0)条变更尚未封存"))
            ]
        // Nobody above the root could end its guess.
        case .held(let content) where content.guessed == true && replica?.isRoot != true:
            return [
                Finding(
                    .anchorGuessed,
                    Words(
                        "how many receipt numbers were given is not known for certain, as the anchor was lost, or is "
                            + "an older one, set back or copied with the machine; they go on behind \(content.ceiling)",
                        "已给出的受理编号数不能确定：anchor 曾丢失，或是随整机退回、复制的旧文件；编号从\(content.ceiling)之后继续"))
            ]
        case .held: return []
        }
    }

    /// A start, or a command beside a node at work, would leave work behind.
    var isAnchorOther: Bool {
        guard case .held = folder.anchor, let replica else { return false }
        return replica.isBehindAnchor && replica.unsealedForAnchor > 0
    }

    /// A node at work makes it anew, and leaves nothing behind.
    private func absent(unsealed: Int) -> Finding {
        guard unsealed > 0, !service.isServed else {
            return Finding(.anchorAbsent, Words("the anchor is missing", "缺少 anchor 文件"))
        }
        return Finding(
            .anchorMissed,
            Words(
                "the anchor is missing, and change sets of this node are not sealed yet: \(unsealed)",
                "缺少 anchor 文件，且本节点有\(unsealed)条变更尚未封存"))
    }
}
