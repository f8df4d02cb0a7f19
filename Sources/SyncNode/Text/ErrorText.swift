import Foundation
import ServiceModel

/// A language in which people are told what is wrong.
package enum Language: Sendable {
    case english
    case chinese

    /// From a language tag or the name of a locale; English for whatever is not Chinese.
    package init(tag: some StringProtocol) { self = tag.lowercased().hasPrefix("zh") ? .chinese : .english }
}

/// What an error says to a person: what is wrong, and the way out. Errors whose type explains itself are not in here.
package enum ErrorText {
    /// The code and the words.
    package static func text(_ error: any CodedError, in language: Language) -> String {
        "\(error.code): \(words(error, in: language))"
    }

    /// Without the code.
    package static func words(_ error: any CodedError, in language: Language) -> String {
        guard let (english, chinese) = table[error.code] ?? table[family(error.code)] else { return error.subject }
        let words = language == .chinese ? chinese : english
        return words.replacingOccurrences(of: "%", with: error.subject)
    }

    /// Reasons of the fold share the words of their kind.
    private static func family(_ code: String) -> String {
        code.hasPrefix("case.impossible.") ? "case.impossible" : code.hasPrefix("case.waits.") ? "case.waits" : code
    }

    /// English and Chinese; `%` is what it is about.
    private static let table: [String: (String, String)] = [
        "node.notFounded": (
            "no node in %: found one with `terrace init`, or enroll this machine with `terrace enroll`",
            "%中没有节点：请先用 terrace init 建网，或用 terrace enroll 登记本机"
        ),
        "node.alreadyFounded": (
            "% holds a node already: choose another --data", "%中已有节点：请另选 --data 目录"
        ),
        "node.file": ("the file cannot be used: %", "文件无法使用：%"),
        "node.badFile": (
            "% does not say what it should: restore it from the backup", "%的内容不对：请从备份恢复"
        ),
        "unit.unknown": (
            "the network has no unit %: check the code, or import the topology that has it",
            "网络中没有单位%：请核对代码，或导入含有它的拓扑"
        ),
        "unit.notBelow": ("% is not below this unit", "%不在本单位之下"),
        "enrollment.notParent": (
            "% is below this unit, but its parent is another one: have the code issued there",
            "%在本单位之下，但其直接上级是另一单位：请由那里签发登记码"
        ),
        "unit.notAbove": (
            "% answered, which is not above this unit: check the address of the uplink",
            "应答的是%，它不在本单位之上：请核对上级地址"
        ),
        "node.notRoot": ("only the root of the network can do this", "只有网络的根节点能做此事"),
        "case.unknown": (
            "this node holds no case %: check the number; it may not have arrived yet",
            "本节点没有办件%：请核对编号，也可能尚未到达"
        ),
        "case.changedMeanwhile": (
            "the case has changed since it was shown: look at it again", "办件在显示之后已有变化：请重新查看"
        ),
        "case.impossible": (
            "not possible for the case as it stands: look at it with `terrace case show`",
            "以办件目前的状态不能这样做：请用 terrace case show 查看"
        ),
        "case.waits": (
            "something that the case rests on has not come yet: try again when the line has been up",
            "办件所依据的内容尚未到达：请在来线之后再试"
        ),
        "input.bad": ("“%” is not what is asked for here: see --help", "“%”不合要求：请看 --help"),
        "node.noNumbers": (
            "the running numbers of this node are used up: enroll it again", "本节点的流水号已用完：请重新登记"
        ),
        "node.cut": (
            "this node was cut off by the root: ask the unit above and enroll again",
            "本节点已被根节点切除：请向上级询问并重新登记"
        ),
        "replica.absent": ("no database at %: found or enroll a node first", "%处没有数据库：请先建网或登记"),
        "replica.unreadable": (
            "the database cannot be read (%): restore the backup, or use a newer program",
            "数据库无法读取（%）：请恢复备份，或使用更新的程序"
        ),
        "replica.storage": (
            "the disk did not take it (%): free some room or check the rights; nothing was lost, nothing half done",
            "磁盘未能写入（%）：请腾出空间或检查权限；没有丢失，也没有半途之事"
        ),
        "replica.busy": (
            "another program holds the database: try again in a moment", "另一程序占用数据库：请稍后再试"
        ),
        "replica.damaged": (
            "a stored message was changed on disk (%): restore the backup", "磁盘上的内容已被改动（%）：请恢复备份"
        ),
        "draft.tooMany": (
            "there are % drafts already: discard some that are not needed", "草稿已有%份：请先丢弃不再需要的"
        ),
        "draft.tooLarge": ("the draft is longer than % bytes: shorten it", "草稿超过%字节：请缩短"),
        "draft.unknown": ("this draft was discarded or accepted", "此草稿已丢弃或已受理"),
        "draft.outrun": ("something newer is kept already", "已存有更新的内容"),
        "wire.tooLarge": ("% is larger than allowed: shorten it or split it", "%超过了上限：请缩短或拆分"),
    ]
}
