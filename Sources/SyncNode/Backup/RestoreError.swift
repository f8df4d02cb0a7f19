import ServiceModel

/// Why a backup was not restored. The data directory is as it was.
package enum RestoreError: CodedError, Equatable, Sendable {
    /// The directory has a replica.
    case holdsReplica(String)
    /// The directory belongs to another node than the backup.
    case otherNode(String, found: String, wanted: String)
    /// The directory belongs to a node of the same name in another network.
    case otherNetwork(String)
    /// The replica there is another node's, so that keys and database of the directory do not belong together; the
    /// name of its network where that is another one.
    case otherDatabase(String, of: String, network: String?)
    /// So many change sets of the replica there are neither in the backup nor known to be above; the root has nobody
    /// above.
    case unsent(String, Int, isRoot: Bool)
    /// So many change sets of the replica there rest, are not in the backup, and nobody has looked after them.
    case resting(String, Int)
    /// The replica there cannot be read, so that nobody knows what would be lost with it; why is a code.
    case unknownWork(String, why: String)
    /// A salvage was stopped before what it had saved was put in place: that is the replica.
    case stoppedSalvage(String)
    /// The directory has no replica for which keys could be put back.
    case noReplica(String)
    /// Its replica cannot be read, so that nothing tells which keys are its; why is a code.
    case unreadable(String, why: String)
    /// This file of the backup is not that of the replica there.
    case otherKey(String, file: String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .holdsReplica: "restore.holdsReplica"
        case .otherNode: "restore.otherNode"
        case .otherNetwork: "restore.otherNetwork"
        case .otherDatabase: "restore.otherDatabase"
        case .unsent: "restore.unsent"
        case .resting: "restore.resting"
        case .unknownWork: "restore.unknownWork"
        case .stoppedSalvage: "restore.stoppedSalvage"
        case .noReplica: "restore.noReplica"
        case .unreadable: "restore.unreadable"
        case .otherKey: "restore.otherKey"
        }
    }

    package var words: Words {
        switch self {
        case .holdsReplica(let path):
            Words(
                "\(path) has a replica: where keys are missing or damaged, --keys takes them from the backup and "
                    + "leaves it in place; with --replace it is moved aside, and the older one of the backup takes its "
                    + "place",
                "\(path)中已有数据库：若只是密钥缺失或损坏，加上 --keys 只从备份取密钥，数据库不动；"
                    + "加上 --replace 会把它移到一旁，由备份中较旧的取代")
        case .otherNode(let path, let found, let wanted):
            Words(
                "\(path) belongs to node \(found), and the backup to \(wanted): choose another --data. Where only the "
                    + "keys and certificates in it are another's, let --keys exchange them first while the database "
                    + "of \(wanted) is there, or move node.key, seal.key and certificates.pem out of it",
                "\(path)属于节点\(found)，而备份属于\(wanted)：请另选 --data 目录。若只是其中的密钥和证书放错：\(wanted)的数据库还在时，"
                    + "请先用 --keys 换回；否则请将 node.key、seal.key、certificates.pem 移出")
        case .otherNetwork(let path):
            Words(
                "\(path) belongs to a node of another network than the backup: choose another --data",
                "\(path)所属节点与备份不在同一网络：请另选 --data 目录")
        case .otherDatabase(let path, let owner, let network):
            Words(
                "the database in \(path) is that of \(owner)"
                    + (network.map { " of the network \(ShownText.of($0))" } ?? "")
                    + ", and not of the backup's node: move replica.sqlite, replica.sqlite-wal and replica.sqlite-shm "
                    + "out of \(path), all that are there, and restore again without --replace",
                "\(path)中的数据库属于\(owner)" + (network.map { "（网络“\(ShownText.of($0))”）" } ?? "")
                    + "，而非备份的节点：请将 replica.sqlite、replica.sqlite-wal、replica.sqlite-shm（有几个移几个）移出\(path)，"
                    + "再不带 --replace 重新恢复")
        case .unsent(let path, let count, let isRoot):
            Self.lost(path, count, isRoot: isRoot)
                + Words(
                    " To go on all the same, give --losing-unsent: only what other units hold of them comes back",
                    "仍要替换，请加 --losing-unsent：只有其他单位已有的会送回")
        case .resting(let path, let count):
            Words(
                "\(path) holds \(Self.changeSets(count)) of an earlier incarnation at rest that the backup lacks, and "
                    + "nobody has looked after that: `terrace case resting` lists it; once it is entered again and "
                    + "sent, or is not needed, note that with `terrace case resting --seen`. To lose it, give "
                    + "--losing-unsent",
                "\(path)中前一代身份有\(count)条变更被搁置，尚无人处理，备份中也没有：请用 terrace case resting 查看；"
                    + "重新录入并上报，或确认不需要后，用 terrace case resting --seen 注明。不要它们时请加 --losing-unsent")
        case .unknownWork(let path, let why):
            Words(
                "the replica in \(path) cannot be read (\(why)), so that nobody knows what would be lost with it: "
                    + "`terrace salvage` saves what can be read, and what was not sent with it. Where that saves "
                    + "nothing, give --losing-unsent: the damaged files are moved aside",
                "\(path)中的数据库无法读取（\(why)），无从得知替换会丢失什么：terrace salvage 会救出可读的内容，包括未上报的。"
                    + "若已无法救出，请加 --losing-unsent：受损文件会移到一旁")
        case .stoppedSalvage(let path):
            Words(
                "\(path) holds all that a salvage has saved, and the salvage was stopped before it was in place: "
                    + "`terrace salvage` ends it, and nothing has to be restored. To lose what only it holds, give "
                    + "--replace --losing-unsent: it is moved aside",
                "\(path)中有 terrace salvage 救出的全部内容，但尚未就位：请再次运行 terrace salvage 完成，无需恢复备份。"
                    + "不要其中独有的内容时请加 --replace --losing-unsent：它会移到一旁")
        case .noReplica(let path):
            Words(
                "\(path) has no replica for which keys could be put back: leave --keys out, and the whole backup is "
                    + "restored",
                "\(path)中没有数据库，无从只恢复密钥：请去掉 --keys，以恢复整个备份")
        case .unreadable(let path, let why):
            Words(
                "the replica in \(path) cannot be read (\(why)), so that nothing tells which keys are its: copy the "
                    + "missing keys from the backup by hand and run `terrace salvage`; where that saves nothing, the "
                    + "full restore is needed, with --replace --losing-unsent instead of --keys",
                "\(path)中的数据库无法读取（\(why)），无从得知哪些密钥属于它：请手工从备份复制缺少的密钥，再运行 terrace salvage；"
                    + "若仍无法救出，需恢复整个备份：请用 --replace --losing-unsent 代替 --keys")
        case .otherKey(let path, let file):
            Words(
                "\(file) of the backup is not the one that the replica in \(path) goes with: use a later backup of "
                    + "this machine; where there is none, the full restore is needed, with --replace instead of --keys",
                "备份中的\(file)与\(path)中的数据库不相配：请使用本机较新的备份；没有时需恢复整个备份：请用 --replace 代替 --keys")
        }
    }

    private static func changeSets(_ count: Int) -> String { count == 1 ? "1 change set" : "\(count) change sets" }

    /// What would be lost, and how it is kept.
    private static func lost(_ path: String, _ count: Int, isRoot: Bool) -> Words {
        isRoot
            ? Words(
                "\(path) holds \(changeSets(count)) that the backup lacks, and nobody stands above the root who would "
                    + "have them: replacing it would lose what no unit below holds. Where only keys are missing, give "
                    + "--keys instead of --replace; else start the node, or make a backup of today with `terrace "
                    + "backup` and restore that.",
                "\(path)中有\(count)条变更不在备份中，根节点之上也没有单位保存：替换会丢失下级没有的内容。若只是缺少密钥，"
                    + "请用 --keys 代替 --replace；否则请启动节点，或用 terrace backup 做一份当前的备份再恢复。")
            : Words(
                "\(path) holds \(changeSets(count)) not in the backup that no unit above is known to have: replacing "
                    + "it would lose them. Where only keys are missing, give --keys instead of --replace; else start "
                    + "the node and let it sync, or take them up on a stick with `terrace bundle export` and bring the "
                    + "answer back with `terrace bundle import`, which says that they arrived.",
                "\(path)中有\(count)条变更不在备份中，也未确认上级已有：替换会丢失它们。若只是缺少密钥，请用 --keys 代替 --replace；"
                    + "否则请启动节点完成上报，或用 terrace bundle export 以U盘上送，再用 terrace bundle import 导入上级的回执，"
                    + "才算确认送达。")
    }
}
