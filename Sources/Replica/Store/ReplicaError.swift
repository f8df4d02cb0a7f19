import ChangeSet
import GRDB
import ServiceModel

/// Why the replica could not do what was asked. Nothing of it was kept.
package enum ReplicaError: CodedError, Equatable, Sendable {
    /// The data directory holds no replica yet.
    case absent(String)
    /// The file is there, and nothing was ever written into it, or nothing of it is left.
    case empty(String)
    /// The file is a database of another program.
    case foreign(String)
    /// The file is no database, or a page of it is not what it should be; the text is SQLite's.
    case unreadable(String)
    /// The file was written by a later program.
    case newer(String)
    /// The file was written by an earlier program, and nobody has opened it for work since.
    case older(String)
    /// The disk of a file is full, read-only or failing; the text is SQLite's.
    case storage(String, at: String)
    /// Another program holds the file for longer than the patience allows.
    case busy
    /// An index is not what its table says; the text is SQLite's.
    case index(String)
    /// A cell cannot be read back: the disk has changed it.
    case damaged(String)
    /// The change sets of a run are not what its author signed: the disk has changed them.
    case damagedRun(RunName)
    /// The opening of an author is not what its name says: the disk has changed it.
    case damagedOpening(AuthorID)
    /// This version of the program has ended again and again in what stands there, or was created there, and leaves it
    /// alone.
    case trapped(Place)
    /// SQLite refused a statement for a reason that has no other name here; the text is its own.
    case fault(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .absent: "replica.absent"
        case .empty: "replica.empty"
        case .foreign: "replica.foreign"
        case .unreadable: "replica.unreadable"
        case .newer: "replica.newer"
        case .older: "replica.older"
        case .storage: "replica.storage"
        case .busy: "replica.busy"
        case .index: "replica.index"
        case .damaged: "replica.damaged"
        case .damagedRun: "replica.damagedRun"
        case .damagedOpening: "replica.damagedOpening"
        case .trapped: "replica.trapped"
        case .fault: "replica.fault"
        }
    }

    package var words: Words {
        switch self {
        case .absent(let path):
            Words(
                "no database at \(path): `terrace doctor` for its folder says the way out",
                "\(path)处没有数据库：请用 terrace doctor 检查所在目录，查看解决办法")
        case .empty(let path):
            Words(
                "\(path) is empty, nothing of a node is in it: restore the backup with `terrace restore --replace`, "
                    + "or see `terrace doctor`, which says what there is besides",
                "\(path)是空的，其中没有节点的内容：请用 terrace restore --replace 恢复备份；其他办法请看 terrace doctor")
        case .foreign(let path):
            Words(
                "\(path) is a database of another program: put the node's own file back, or restore the backup with "
                    + "`terrace restore --replace`, which moves this one aside",
                "\(path)是其他程序的数据库：请放回节点自己的文件，或用 terrace restore --replace 恢复备份，此文件会被移开保留")
        case .unreadable(let why):
            Words(
                "the database file is damaged (\(why)) and nothing is served from it: stop the node and run `terrace "
                    + "salvage`, which saves what can be read; the neighbours bring the rest",
                "数据库文件已损坏（\(why)），不再据此提供服务：请停止节点并运行 terrace salvage，它会救出可读的内容，其余由上下级补回")
        case .newer(let path):
            Words(
                "\(path) was written by a newer program: use that one", "\(path)由更新的程序写成：请使用更新的程序")
        case .older(let path):
            Words(
                "\(path) was written by an earlier program: starting the node brings it up to this one",
                "\(path)由较早的程序写成：启动节点即会升级")
        case .storage(let why, let path):
            Words(
                "the disk of \(path) did not take it (\(why)): free some room there or check the rights; nothing was "
                    + "lost, nothing is half done",
                "\(path)所在的磁盘未能写入（\(why)）：请在该磁盘腾出空间或检查权限；没有丢失，也没有半途之事")
        case .busy:
            Words(
                "another program holds the database: try again in a moment", "另一程序占用数据库：请稍后再试")
        case .index(let why):
            Words(
                "an index of the database is damaged (\(why)); nothing is lost: `terrace rebuild` makes it again",
                "数据库的索引已损坏（\(why)），内容没有丢失：请运行 terrace rebuild 重建")
        case .damaged(let what):
            Words(
                "the disk has changed a value (\(what)), and it is not used: run `terrace scrub`",
                "磁盘上的一项内容已被改动（\(what)），不予使用：请运行 terrace scrub")
        case .damagedRun(let run):
            Words("the disk has changed ", "磁盘上的内容已被改动，不予使用：") + run.words
                + Words(
                    ", and it is not used: `terrace scrub --take-out` takes it out, and the neighbours bring it again",
                    "。terrace scrub --take-out 将其移出，由上下级补回")
        case .damagedOpening(let author):
            Words(
                "the disk has changed the opening of the author \(author), and it is not used: `terrace scrub "
                    + "--take-out` takes it out, and the neighbours bring it again",
                "磁盘上作者\(author)的开篇已被改动，不予使用：terrace scrub --take-out 将其移出，由上下级补回")
        case .trapped(let place):
            Words(
                "a fault of this program has ended it again and again in what the author \(place.author) wrote as "
                    + "number \(place.sequence), and it leaves that alone: install the next version, or have it tried "
                    + "again with `terrace rebuild`",
                "本程序的缺陷使其在处理作者\(place.author)所写第\(place.sequence)号内容时多次中止，已不再处理：请安装新版本，或运行 "
                    + "terrace rebuild 重试")
        case .fault(let why):
            Words(
                "the database did not do what was asked (\(why)); nothing of it was kept: try again, and if it stays, "
                    + "run `terrace scrub` and report it with the log",
                "数据库未能完成此操作（\(why)），没有留下任何改动：请重试；若仍如此，请运行 terrace scrub，并连同日志上报")
        }
    }
}

extension ReplicaError {
    /// What SQLite's error means to whoever asked.
    /// - Parameter path: of the file that it concerns.
    init(_ error: DatabaseError, at path: String) {
        let why = error.message ?? "\(error.resultCode)"
        switch error.extendedResultCode {
        case .SQLITE_CORRUPT_VTAB, .SQLITE_CORRUPT_INDEX:
            self = .index(why)
            return
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = .damaged("a row that another one refers to")
            return
        // Tables are strict and the program binds what they take: a cell that was copied has another type on the disk.
        case .SQLITE_CONSTRAINT_DATATYPE:
            self = .unreadable(why)
            return
        default: break
        }
        switch (error.resultCode, error.message) {
        case (.SQLITE_ERROR, "malformed JSON"): self = .index(why)
        case (.SQLITE_ERROR, "unsupported file format"): self = .unreadable(why)
        // A search index whose own table the definitions do not name any more.
        case (.SQLITE_ERROR, let message?) where message.hasPrefix("no such fts5 table"): self = .unreadable(why)
        default: self = Self.named(error.resultCode, why, path)
        }
    }

    private static func named(_ code: ResultCode, _ why: String, _ path: String) -> ReplicaError {
        switch code {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .busy
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: .unreadable(why)
        case .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_NOLFS:
            .storage(why, at: path)
        default: .fault(why)
        }
    }
}
