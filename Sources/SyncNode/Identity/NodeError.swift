import ChangeSet
import ServiceModel

/// Why a node could not do what was asked. Each names the thing; what to do about it stands with its code in the table
/// of messages.
package enum NodeError: CodedError, Equatable, Sendable {
    /// The data directory holds no node.
    case notFounded(String)
    /// The data directory holds a node already.
    case alreadyFounded(String)
    /// A node cannot be made in a folder in which these files of another one lie.
    case remains(String, [String])
    /// Files of a node are there, and these are not.
    case incomplete(String, missing: [String])
    /// This account may not look into the folder; and the number of the account that owns it.
    case denied(String, owner: UInt32?)
    /// A file cannot be read or written, and what the system says of it.
    case file(String, FileTrouble)
    /// A file of the data directory says something that it cannot.
    case badFile(String)
    /// The database in the folder is another node's than the keys; nil for a database of the keys' network, else what
    /// its own is called.
    case otherDatabase(String, of: String, network: String?, keys: String)
    /// A key in the folder is another node's, or another life's of this one.
    case otherKey(String)
    /// The anchor cannot be read.
    case badAnchor(String)
    /// The folder has no anchor, and so many change sets that were not sealed would be left behind without it.
    case anchorMissing(String, unsealed: Int, isSalvaged: Bool = false)
    /// The anchor is another one's, and so many change sets that were not sealed would be left behind.
    case anchorOther(String, unsealed: Int, isSalvaged: Bool = false)
    case unknownUnit(String)
    /// Only the root can do this.
    case notRoot
    /// A key that did not found this network.
    case notAuthority
    /// The unit is not below this one.
    case notBelow(UnitCode)
    /// The node that answered does not stand above this one.
    case notAbove(UnitCode)
    /// The unit's parent of today, nil for the root, is another one: only that enrolls its nodes.
    case notParent(UnitCode, parent: UnitCode?)
    /// The unit has ended, and begins nothing more.
    case ended(UnitCode)
    /// The unit cannot stand under that one.
    case noPlace(UnitCode, under: UnitCode)
    /// What was done on it here may rest.
    case unknownCase(String, rests: Bool = false)
    /// The case was closed long ago, and its change sets have left this node; perhaps it was asked for back.
    case keptAbove(String, isWished: Bool)
    /// The case never left, or is back.
    case isHere(String)
    /// The case has changed since the page was shown.
    case changedMeanwhile
    /// The action is not possible now; the reason is the fold's.
    case impossible(VoidReason)
    /// What the case waits for has not come yet.
    case waits(PendingReason)
    /// A value is missing, too long, or not of the form that is wanted.
    case badInput(String, wanted: Words? = nil)
    /// Only one action may write this field.
    case ownField(String, of: CaseAction)
    /// Nobody is named whom this node could dial.
    case noUplink
    /// Holdings are compared with the unit that is dialled, the parent; nil at the root.
    case notComparable(String, parent: String?)
    /// Nobody has compared in time; and why, where it is known.
    case notCompared(Words?)
    /// Another node than the parent has answered, so that nothing was compared with the parent.
    case otherCompared(UnitCode, parent: UnitCode)
    /// The parent's program is of before there were comparisons.
    case olderParent(UnitCode)
    /// The parent has exchanged, and has not compared.
    case notMade(UnitCode)
    /// Nothing differed, and the two have not both signed it.
    case notProven(UnitCode)
    /// There is no proof of equality with that unit; nil where there is none at all.
    case noProof(String?)
    /// No node of that unit and number has written anything that is held here.
    case unknownNode(UnitCode, UInt32)
    /// The data directory is the folder of a backup.
    case isBackup(String)
    /// The running numbers of this node are used up.
    case noNumbers
    /// The incarnations of this node are used up.
    case noIncarnations
    /// The clock or the charter keeps this node from writing.
    case cut

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .notFounded: "node.notFounded"
        case .alreadyFounded: "node.alreadyFounded"
        case .remains: "node.remains"
        case .incomplete: "node.incomplete"
        case .denied: "node.denied"
        case .file: "node.file"
        case .badFile: "node.badFile"
        case .otherDatabase: "node.otherDatabase"
        case .otherKey: "node.otherKey"
        case .badAnchor: "node.badAnchor"
        case .anchorMissing: "node.anchorMissing"
        case .anchorOther: "node.anchorOther"
        case .unknownUnit: "unit.unknown"
        case .notRoot: "node.notRoot"
        case .notAuthority: "node.notAuthority"
        case .notBelow: "unit.notBelow"
        case .notAbove: "unit.notAbove"
        case .notParent: "enrollment.notParent"
        case .ended: "enrollment.ended"
        case .noPlace: "topology.noPlace"
        case .unknownCase: "case.unknown"
        case .keptAbove: "case.keptAbove"
        case .isHere: "case.isHere"
        case .changedMeanwhile: "case.changedMeanwhile"
        case .impossible(let reason): "case.impossible.\(reason.rawValue)"
        case .waits(let reason): "case.waits.\(reason.rawValue)"
        case .badInput: "input.bad"
        case .ownField: "case.ownField"
        case .noUplink: "node.noUplink"
        case .notComparable: "verify.notParent"
        case .notCompared: "verify.late"
        case .otherCompared: "verify.otherUnit"
        case .olderParent: "verify.olderParent"
        case .notMade: "verify.notMade"
        case .notProven: "verify.notProven"
        case .noProof: "verify.noProof"
        case .unknownNode: "node.unknown"
        case .isBackup: "node.isBackup"
        case .noNumbers: "node.noNumbers"
        case .noIncarnations: "node.noIncarnations"
        case .cut: "node.cut"
        }
    }

    /// What it is about, to be put into the message.
    package var words: Words {
        switch self {
        case .notFounded(let path):
            Words(
                "no node in \(path): found one with `terrace init`, or enroll this machine with `terrace enroll join`",
                "\(path)中没有节点：请先用 terrace init 建网，或用 terrace enroll join 登记本机")
        case .alreadyFounded(let path):
            Words("\(path) holds a node already: choose another --data", "\(path)中已有节点：请另选 --data 目录")
        case .remains(let path, let files):
            Words(
                "\(path) holds \(files.joined(separator: ", ")) of a node, which would be lost: `terrace doctor --data "
                    + "\(path)` says what is missing; to found anew, choose another --data or move the folder away",
                "\(path)中有节点的\(files.joined(separator: "、"))，会因此丢失：请用 terrace doctor --data \(path) "
                    + "查看缺少什么；要重新建网或登记，请另选 --data 或移开此目录")
        case .incomplete(let path, let files):
            Words(
                "a node lies in \(path), and its \(files.joined(separator: ", ")) is missing: `terrace doctor --data "
                    + "\(path)` says the way out",
                "\(path)中有节点，但缺少\(files.joined(separator: "、"))：请用 terrace doctor --data \(path) 查看解决办法")
        case .denied(let path, let owner?):
            Words(
                "this account may not look into \(path): use the account with the id \(owner), which owns it, as with "
                    + "`sudo -u '#\(owner)'`",
                "此账户无权查看\(path)：请用其属主（编号\(owner)）的账户运行，例如 sudo -u '#\(owner)'")
        case .denied(let path, nil):
            Words(
                "this account may not look into \(path): use the account that owns it",
                "此账户无权查看\(path)：请用其属主的账户运行")
        case .file(let path, let why):
            Words("the file cannot be used: \(path): ", "文件无法使用：\(path)：") + why.words
        case .badFile(let path):
            Words(
                "\(path) does not say what it should: `terrace doctor` for its folder says the way out",
                "\(path)的内容不对：请用 terrace doctor 检查所在目录，查看解决办法")
        case .otherDatabase(let path, let owner, let network, let keys):
            Words(
                "\(path) is the database of \(owner)" + (network.map { " of the network \(ShownText.of($0))" } ?? "")
                    + ", and the keys beside it are those of \(keys): move it out of the folder with the "
                    + "replica.sqlite-wal and replica.sqlite-shm beside it, and put back the one that belongs to the "
                    + "keys, else restore the backup: `terrace restore BACKUP --data DIR`",
                "\(path)是\(owner)的数据库" + (network.map { "（网络“\(ShownText.of($0))”）" } ?? "")
                    + "，而旁边的密钥属于\(keys)：请将它连同旁边的 replica.sqlite-wal、replica.sqlite-shm 移出目录，"
                    + "放回与密钥相配的，否则用 terrace restore BACKUP --data DIR 恢复备份")
        case .otherKey(let path):
            Words(
                "\(path) is a key of another node, and what is signed with it is accepted nowhere: put the right one "
                    + "back, from a backup with `terrace restore BACKUP --data DIR --keys`, which changes nothing else",
                "\(path)是其他节点的密钥，用它签名的内容任何节点都不接受：请放回正确的文件，可用 terrace restore 备份 --data 目录 --keys，"
                    + "其余不变")
        case .badAnchor(let path):
            Words(
                "\(path) is damaged: move it away and start again; the node then passes over some numbers. Where it "
                    + "has work that was not sealed, it says so first, and starts only when that may be left behind",
                "\(path)已损坏：请移开它后重新启动；节点将跳过一段流水号。若有尚未封存的内容，会先说明，须明确同意搁置才会启动")
        case .anchorMissing(let folder, let unsealed, let isSalvaged):
            Words(
                "the anchor is missing in \(folder), and change sets of this node are not sealed yet (\(unsealed)): "
                    + "put the file back if it was moved, and never one from a backup. If it is lost, `terrace "
                    + "\(isSalvaged ? "salvage" : "serve") --data \(folder) --leave-unsent-work-behind`"
                    + (isSalvaged ? "" : " (or `terrace sync` with it)")
                    + " goes on without them: they rest until somebody enters them again",
                "\(folder)中缺少 anchor 文件，且本节点有\(unsealed)条变更尚未封存：若文件被移走，请放回，切勿用备份中的。若已丢失，"
                    + "可用 terrace \(isSalvaged ? "salvage" : "serve") --data \(folder) --leave-unsent-work-behind"
                    + (isSalvaged ? "" : "（terrace sync 亦可）") + "不带这些内容继续：它们被搁置，直到有人重新录入")
        case .anchorOther(let path, let unsealed, let isSalvaged):
            Words(
                "\(path) is of a life of this node that its database does not know, or another machine's, and change "
                    + "sets are not sealed yet (\(unsealed)): put the right anchor or the right database back. If that "
                    + "is lost, `terrace \(isSalvaged ? "salvage" : "serve") --data DIR --leave-unsent-work-behind`"
                    + (isSalvaged ? "" : " (or `terrace sync` with it)")
                    + " goes on without them: they rest until somebody enters them again",
                "\(path)所记的是数据库不知道的化身，或属于另一台机器，且有\(unsealed)条变更尚未封存：请放回正确的 anchor 或数据库。若已丢失，"
                    + "可用 terrace \(isSalvaged ? "salvage" : "serve") --data 目录 --leave-unsent-work-behind"
                    + (isSalvaged ? "" : "（terrace sync 亦可）") + "不带这些内容继续：它们被搁置，直到有人重新录入")
        case .unknownUnit(let text):
            Words(
                "the network has no unit \(text): check the code, or import the topology that has it",
                "网络中没有单位\(text)：请核对代码，或导入含有它的拓扑")
        case .notRoot: Words("only the root of the network can do this", "只有网络的根节点能做此事")
        case .notAuthority:
            Words(
                "this is not the key that founded the network: give the authority.key that `terrace init` made",
                "这不是创建本网络的密钥：请使用 terrace init 生成的 authority.key")
        case .notBelow(let unit): Words("\(unit) is not below this unit", "\(unit)不在本单位之下")
        case .notAbove(let unit):
            Words(
                "\(unit) answered, which is not above this unit: check the address of the uplink",
                "应答的是\(unit)，它不在本单位之上：请核对上级地址")
        case .notParent(let unit, let parent?):
            Words(
                "\(unit) does not stand right below this unit: have the code issued by its parent, \(parent)",
                "\(unit)不是本单位的直接下级：请由其上级\(parent)签发登记码")
        case .notParent(let unit, nil):
            Words(
                "\(unit) is the root of the network, which nobody enrolls: for another machine restore its backup",
                "\(unit)是网络的根，无处登记：要换用机器，请恢复其备份")
        case .ended(let unit):
            Words(
                "\(unit) has ended: check the code; only for a machine of it that has still to bring up what it holds, "
                    + "give --ended",
                "\(unit)已终止：请核对代码；仅当其机器尚有内容待上报时，请加上 --ended")
        case .noPlace(let unit, let parent):
            Words(
                "\(unit) cannot come under \(parent): a unit stands one tier below a parent that has not ended",
                "\(unit)不能归到\(parent)之下：单位应比上级低一级，且上级尚未终止")
        case .keptAbove(let receipt, false):
            Words(
                "case \(receipt) was closed long ago and is kept above: `terrace case fetch` brings it back",
                "办件\(receipt)早已办结，存于上级单位：可用 terrace case fetch 取回")
        case .keptAbove(let receipt, true):
            Words(
                "case \(receipt) is kept at the unit above and was asked for: it comes with the next exchange",
                "办件\(receipt)存于上级单位，已申请取回：下次与上级交换时送达")
        case .isHere(let receipt): Words("case \(receipt) is at this node already", "办件\(receipt)已在本节点")
        case .unknownCase(let text, rests: true):
            Words(
                "case \(text) rests: it was accepted here and had not been sent when this machine went on as a new "
                    + "incarnation, so that it counts nowhere. `terrace case resting \(text)` shows what was entered: "
                    + "accept it again",
                "办件\(text)已被搁置：曾在此受理，本机换用新身份时尚未上报，故不计入。请用 terrace case resting \(text) "
                    + "查看所录内容，并重新受理")
        case .unknownCase(let text, rests: false):
            Words(
                "this node holds no case \(text): check the number; it may not have arrived yet",
                "本节点没有办件\(text)：请核对编号，也可能尚未到达")
        case .changedMeanwhile:
            Words(
                "the case has changed since it was shown: look at it again", "办件在显示之后已有变化：请重新查看")
        case .impossible(let reason):
            Words("not possible for the case as it stands: ", "以办件目前的状态不能这样做：") + reason.words
        case .waits(let reason):
            Words("it must wait for what has not come yet: ", "还须等待尚未到达的内容：") + reason.words
        case .badInput(let text, let wanted?):
            Words("“\(ShownText.of(text))” will not do: give ", "“\(ShownText.of(text))”不合要求：应为") + wanted
        case .badInput(let text, nil):
            Words(
                "“\(ShownText.of(text))” is not what is asked for here: see --help or docs/API.md",
                "“\(ShownText.of(text))”不合要求：请看 --help 或 docs/API.md")
        case .ownField(let field, let action):
            Words(
                "only `\(action.name)` writes the field \(field)", "字段\(field)只能由 \(action.name) 写入")
        case .noUplink:
            Words(
                "this node has no parent to dial: give --uplink host:port; the root of a network has none",
                "本节点没有可拨的上级：请给出 --uplink 主机:端口；网络的根节点没有上级")
        case .notComparable(let text, let parent?):
            Words(
                "this node compares with its parent, \(parent), and not with \(ShownText.of(text)): for a unit below, "
                    + "run it there",
                "本节点只与其上级\(parent)核对，不与\(ShownText.of(text))核对：下级单位请在下级节点上运行")
        case .notComparable(let text, nil):
            Words(
                "nothing is above the root, with which it could compare: run it at \(ShownText.of(text))",
                "根节点之上没有可核对的节点：请在\(ShownText.of(text))上运行")
        case .notCompared(nil):
            Words(
                "the two nodes have not compared in time: see by `terrace status` whether the line is up; the serving "
                    + "node will do it with its next exchange",
                "两个节点未能按时完成核对：请用 terrace status 查看线路；运行中的节点会在下次交换时进行")
        case .notCompared(let why?):
            Words("the two nodes have not compared: ", "两个节点尚未核对：") + why
                + Words(
                    "; the serving node will do it with its next exchange with the parent",
                    "；运行中的节点会在下次与上级交换时进行")
        case .otherCompared(let unit, let parent):
            Words(
                "\(unit) answered, and not the parent \(parent), with which nothing was compared: give --uplink the "
                    + "address of \(parent)",
                "应答的是\(unit)，而不是上级\(parent)，并未与上级核对：请用 --uplink 给出\(parent)的地址")
        case .olderParent(let parent):
            Words(
                "\(parent) runs an older release, which does not compare, so that nothing is proven; all else goes up "
                    + "and down as ever. Once \(parent) is upgraded, a serving node compares by itself; else run this "
                    + "again",
                "\(parent)运行的是较旧版本，不能核对，没有得出任何证明；其余收发照常。\(parent)升级后，运行中的节点会自动核对；否则请重新运行")
        case .notMade(let parent):
            Words(
                "\(parent) has exchanged and not compared, and nothing is proven: a move may have yet to reach it; see "
                    + "`terrace doctor`",
                "\(parent)已交换而未核对，没有得出任何证明：可能尚未得知单位变动；请看 terrace doctor")
        case .notProven(let parent):
            Words(
                "nothing differed, and this node and \(parent) have not both signed it, as when the line is cut at "
                    + "that moment: run this again",
                "没有发现差异，但本节点与\(parent)尚未双双签名，例如线路恰在此时中断：请重新运行")
        case .noProof(let text):
            Words(
                "no proof of equality is kept here" + (text.map { " with \(ShownText.of($0))" } ?? "")
                    + ": `terrace verify --with` the unit above makes one, at the node below",
                "本节点没有" + (text.map { "与\(ShownText.of($0))的" } ?? "") + "一致证明：请在下级节点用 terrace verify --with 上级代码 核对")
        case .unknownNode(let unit, let ordinal):
            Words(
                "nothing is held here that \(unit)#\(ordinal) has written: `terrace status` lists the nodes that were "
                    + "met",
                "本节点没有\(unit)#\(ordinal)写下的任何内容：可用 terrace status 查看联系过的节点")
        case .isBackup(let path):
            Words(
                "\(path) is the folder of a backup, and stays as it is: make a node of it with "
                    + "`terrace restore \(path) --data DIRECTORY`",
                "\(path)是备份文件夹，不会改动：请用 terrace restore \(path) --data 目录 从中恢复节点")
        case .noNumbers:
            Words(
                "the running numbers of this node are used up: enroll it again",
                "本节点的流水号已用完：请重新登记")
        case .noIncarnations:
            Words(
                "this node was set back \(Limits.incarnations) times, more often than one name can bear: ask the unit "
                    + "above for a code, stop the node, and run `terrace enroll again`",
                "本节点已被回退\(Limits.incarnations)次，超出一个名称所能承受：请向上级索取登记码，停止节点，"
                    + "运行 terrace enroll again")
        case .cut:
            Words(
                "this node was cut off by the root: ask the unit above and enroll again",
                "本节点已被根节点切除：请向上级询问并重新登记")
        }
    }
}

extension Words {
    /// What a unit's code must be to be printed.
    package static let unitCode = Words(
        "the code of a unit: 1 to \(UnitCode.longest) digits and capitals of \(ReceiptNumber.unitLetters)",
        "单位代码：1到\(UnitCode.longest)位数字或大写字母（\(ReceiptNumber.unitLetters)）")
}
