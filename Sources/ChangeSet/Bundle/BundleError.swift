import ServiceModel

/// Why a bundle was not written or not taken in. Of a volume that is refused nothing was kept.
package enum BundleError: CodedError, Equatable, Sendable {
    /// The file is something else.
    case noBundle
    /// A later release wrote it.
    case version(UInt16)
    /// Bytes have changed since it was written.
    case damaged
    /// More bytes than a volume may have.
    case tooLarge
    /// Another city's.
    case otherNetwork
    /// Another node's; both by name.
    case notForThisNode(recipient: String, own: String)
    /// Another machine's of this very unit, which may be gone; both by name, and the sender's unit.
    case otherMachine(recipient: String, own: String, sender: String)
    /// There is no volume in the folder.
    case noVolumes(String)
    /// The unit is on hold: nothing goes to it or comes from it.
    case onHold(UnitCode)
    /// Its sender stands neither above this node nor below it.
    case unknownSender(String)
    /// So does a unit that was met here before; and under whom the charter has it today.
    case movedAway(String, under: UnitCode)
    /// Bytes that the sender did not sign, or that were not encrypted for this node's key.
    case forged(String)
    /// A unit below says that this node's database was set back, and one was believed within the hour.
    case claimedAgain(String)
    /// The unit stands neither above this node nor below it.
    case notNeighbour(UnitCode)
    /// No certificate of a node of that unit is known here, for which to encrypt.
    case unknownRecipient(UnitCode)
    /// Those that are known were cut.
    case cutRecipient(UnitCode)
    /// The folder to write to is not there.
    case noFolder(String)
    /// One step of the exchange does not fit into a volume of that many bytes; and how many are enough for it, nil
    /// where there would be too many volumes.
    case volumeTooSmall(Int, enough: Int?)
    /// Nothing was exported before that could be gone on with.
    case nothingToContinue(UnitCode)
    /// So many volumes were written before the place for them failed, and what it said.
    case stopped(written: Int, Words)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .noBundle: "bundle.none"
        case .version: "bundle.version"
        case .damaged: "bundle.damaged"
        case .tooLarge: "bundle.tooLarge"
        case .otherNetwork: "bundle.otherNetwork"
        case .notForThisNode: "bundle.notForThisNode"
        case .otherMachine: "bundle.otherMachine"
        case .noVolumes: "bundle.noVolumes"
        case .onHold: "bundle.onHold"
        case .unknownSender: "bundle.unknownSender"
        case .movedAway: "bundle.movedAway"
        case .forged: "bundle.forged"
        case .claimedAgain: "bundle.claimedAgain"
        case .notNeighbour: "bundle.notNeighbour"
        case .unknownRecipient: "bundle.unknownRecipient"
        case .cutRecipient: "bundle.cutRecipient"
        case .noFolder: "bundle.noFolder"
        case .volumeTooSmall: "bundle.volumeTooSmall"
        case .nothingToContinue: "bundle.nothingToContinue"
        case .stopped: "bundle.stopped"
        }
    }

    package var words: Words {
        switch self {
        case .noBundle:
            Words("this is no volume of a bundle: choose another file", "这不是数据包分卷：请选择其他文件")
        case .version(let version):
            Words(
                "it was written by a later release (format \(version)): upgrade this node",
                "它由更新的版本写成（格式\(version)）：请升级本节点")
        case .damaged:
            Words(
                "the file was damaged on its way: copy it again, or have its sender export again",
                "文件在途中损坏：请重新复制，或请发送方重新导出")
        case .tooLarge:
            Words(
                "the file is larger than \(Limits.volumeBytes) bytes, which no volume is: have it exported again",
                "文件超过\(Limits.volumeBytes)字节，分卷不会这么大：请重新导出")
        case .otherNetwork:
            Words("it belongs to another network: take it back to where it came from", "它属于另一个网络：请退回来源处")
        case .notForThisNode(let recipient, let own):
            Words(
                "it is for \(recipient), and this node is \(own): import it there",
                "它是给\(recipient)的，而本节点是\(own)：请在对方节点导入")
        case .otherMachine(let recipient, let own, let sender):
            Words(
                "it is for \(recipient), and this machine of the unit is \(own): import it there; if that machine is "
                    + "gone, export a bundle from here to \(sender), import it there, and have \(sender) export again",
                "它是给\(recipient)的，而本机是同一单位的\(own)：请在那台机器导入；若那台机器已不存在，"
                    + "请由本机导出给\(sender)，在\(sender)导入后，请它重新导出")
        case .noVolumes(let path):
            Words(
                "there is no volume of a bundle in \(path), no file *.bundle: name the folder on the stick that has "
                    + "them",
                "\(path) 中没有数据包分卷（*.bundle 文件）：请指定U盘上存放分卷的文件夹")
        case .onHold(let unit):
            Words(
                "\(unit) is on hold by the charter, and no stick goes to it or comes from it meanwhile: keep the "
                    + "stick, and ask the unit that put it on hold",
                "章程已暂停\(unit)，其间不得与它交换U盘：请保留该U盘，并询问决定暂停的单位")
        case .unknownSender(let sender):
            Words(
                "it comes from \(sender), which stands neither above this node nor below it: check who gave it to you",
                "它来自\(sender)，既不在本节点之上也不在其下：请核实来源")
        case .movedAway(let sender, let parent):
            Words(
                "it comes from \(sender), which was moved away and stands under \(parent) today: have it export to "
                    + "\(parent); if it has not heard of the move, a stick from a unit above both tells it",
                "它来自\(sender)，该单位已调离，现隶属\(parent)：请它改为导出给\(parent)；若它尚不知调整，请由双方共同的上级带数据包告知")
        case .forged(let sender):
            Words(
                "it was not made by \(sender) for this node's key: do not trust who brought it, and have it exported "
                    + "again",
                "它并非由\(sender)为本节点的密钥制作：请勿轻信递送者，并请重新导出")
        case .claimedAgain(let sender):
            Words(
                "\(sender) says that it has known this node as it was later, and a unit below was believed that less "
                    + "than an hour ago: import it again in an hour",
                "\(sender)称见过本节点更晚的状态，而一小时内已采信过下级的同样说法：请一小时后重新导入")
        case .notNeighbour(let unit):
            Words(
                "\(unit) stands neither above this unit nor below it: name the unit above, or one below",
                "\(unit)既不在本单位之上也不在其下：请指定上级或下级单位")
        case .unknownRecipient(let unit):
            Words(
                "no node of \(unit) is known here: enroll one, or import a bundle of its own first. Where each asks "
                    + "for the other's, the lower one exports to a unit above both, and what that one exports after "
                    + "its import introduces it",
                "本节点不认识\(unit)的节点：请先登记，或先导入它的数据包。若双方都要求先有对方的数据包，"
                    + "请下级导出给双方共同的上级，上级导入后再导出的数据包即为引见")
        case .cutRecipient(let unit):
            Words(
                "every machine of \(unit) that is known here was cut: its parent has to enroll it again "
                    + "(terrace enroll code); elsewhere than there, import a bundle of its own first",
                "本节点所知的\(unit)的机器均已切除：请其上级重新登记（terrace enroll code）；在其他节点，请先导入它的数据包")
        case .noFolder(let path):
            Words(
                "there is no folder \(path): put the stick in, or make the folder first",
                "没有文件夹 \(path)：请插入U盘，或先建好文件夹")
        case .volumeTooSmall(let bytes, nil):
            Words(
                "with volumes of \(bytes) bytes there would be too many of them: give a larger --size",
                "每卷\(bytes)字节则分卷过多：请加大 --size")
        case .volumeTooSmall(let bytes, let enough?):
            Words(
                "\(bytes) bytes are too few for the next step of the exchange: give --size \(enough)",
                "\(bytes)字节不够写下交换的下一步：请用 --size \(enough)")
        case .nothingToContinue(let unit):
            Words(
                "no bundle for \(unit) can be gone on with: export without --continue",
                "没有可以续写的给\(unit)的数据包：请不带 --continue 导出")
        case .stopped(let written, let why):
            Words(
                "\(written) volumes are written and good, and the next one is not there at all; see to what follows, "
                    + "or take another stick, and go on with --continue: ",
                "已写好\(written)个分卷，下一卷未留下任何内容；请先解决以下问题或换一个U盘，再用 --continue 继续：") + why
        }
    }
}
