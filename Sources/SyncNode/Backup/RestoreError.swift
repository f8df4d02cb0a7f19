import ServiceModel

/// Why a backup was not restored. The data directory is as it was.
package enum RestoreError: CodedError, Equatable, Sendable {
    /// The directory has a replica.
    case holdsReplica(String)
    /// The directory belongs to another node than the backup.
    case otherNode(String, found: String, wanted: String)
    /// The directory belongs to a node of the same name in another network.
    case otherNetwork(String)
    /// So many change sets of the replica there are neither in the backup nor known to be above.
    case unsent(String, Int)
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
        case .unsent: "restore.unsent"
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
                "\(path) belongs to node \(found), and the backup to \(wanted): choose another --data",
                "\(path)属于节点\(found)，而备份属于\(wanted)：请另选 --data 目录")
        case .otherNetwork(let path):
            Words(
                "\(path) belongs to a node of another network than the backup: choose another --data",
                "\(path)所属节点与备份不在同一网络：请另选 --data 目录")
        case .unsent(let path, let count):
            Words(
                "\(path) holds \(count) change sets that are not in the backup and that no unit above has: replacing "
                    + "it would lose them. Where only keys are missing, give --keys instead of --replace; else start "
                    + "the node and let it sync, or take them up on a stick with `terrace bundle export`; a damaged "
                    + "database is saved with `terrace salvage`. To go on all the same, give --losing-unsent: only "
                    + "what other units hold of them comes back",
                "\(path)中有\(count)条变更不在备份中，上级也没有：替换会丢失它们。若只是缺少密钥，请用 --keys 代替 --replace；"
                    + "否则请启动节点完成上报，或用 terrace bundle export 以U盘上送；数据库损坏时请用 terrace salvage 救出。"
                    + "仍要替换，请加 --losing-unsent：只有其他单位已有的会送回")
        case .noReplica(let path):
            Words(
                "\(path) has no replica for which keys could be put back: leave --keys out, and the whole backup is "
                    + "restored",
                "\(path)中没有数据库，无从只恢复密钥：请去掉 --keys，以恢复整个备份")
        case .unreadable(let path, let why):
            Words(
                "the replica in \(path) cannot be read (\(why)), so that nothing tells which keys are its: copy the "
                    + "missing keys from the backup by hand and run `terrace salvage`; where that saves nothing, the "
                    + "full restore is needed, with --replace instead of --keys",
                "\(path)中的数据库无法读取（\(why)），无从得知哪些密钥属于它：请手工从备份复制缺少的密钥，再运行 terrace salvage；"
                    + "若仍无法救出，需恢复整个备份：请用 --replace 代替 --keys")
        case .otherKey(let path, let file):
            Words(
                "\(file) of the backup is not the one that the replica in \(path) goes with: use a later backup of "
                    + "this machine; where there is none, the full restore is needed, with --replace instead of --keys",
                "备份中的\(file)与\(path)中的数据库不相配：请使用本机较新的备份；没有时需恢复整个备份：请用 --replace 代替 --keys")
        }
    }
}
