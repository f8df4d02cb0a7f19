import ServiceModel

/// Why the replica could not do what was asked. Nothing of it was kept.
package enum ReplicaError: CodedError, Equatable, Sendable {
    /// The data directory holds no replica yet.
    case absent(String)
    /// The file is no replica, or one of a later version.
    case unreadable(String)
    /// The disk is full, read-only or failing; the text is SQLite's.
    case storage(String)
    /// Another program holds the file for longer than the patience allows.
    case busy
    /// A stored message cannot be read back: the disk has changed it.
    case damaged(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .absent: "replica.absent"
        case .unreadable: "replica.unreadable"
        case .storage: "replica.storage"
        case .busy: "replica.busy"
        case .damaged: "replica.damaged"
        }
    }

    package var words: Words {
        switch self {
        case .absent(let path):
            Words("no database at \(path): found or enroll a node first", "\(path)处没有数据库：请先建网或登记")
        case .unreadable(let why):
            Words(
                "the database cannot be read (\(why)): restore the backup, or use a newer program",
                "数据库无法读取（\(why)）：请恢复备份，或使用更新的程序")
        case .storage(let why):
            Words(
                "the disk did not take it (\(why)): free some room or check the rights; nothing was lost, nothing is "
                    + "half done",
                "磁盘未能写入（\(why)）：请腾出空间或检查权限；没有丢失，也没有半途之事")
        case .busy:
            Words(
                "another program holds the database: try again in a moment", "另一程序占用数据库：请稍后再试")
        case .damaged(let what):
            Words(
                "a stored message was changed on disk (\(what)): restore the backup",
                "磁盘上的内容已被改动（\(what)）：请恢复备份")
        }
    }
}
