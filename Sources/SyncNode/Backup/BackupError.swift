import ServiceModel

/// Why no backup was made, or why what is there is none. What was there before is as it was.
package enum BackupError: CodedError, Equatable, Sendable {
    /// A backup of that name is there.
    case exists(String)
    /// Another program makes a backup of this node there.
    case running(String)
    /// The place lies in the data directory and would be lost with it.
    case insideData(String)
    /// The folder for the backups of every night is not there.
    case noFolder(String)
    /// That folder lies on the disk of the data.
    case dataDisk(String)
    /// In bytes.
    case noRoom(String, needed: Int64, free: Int64)
    /// What was read back is not what was written.
    case differs(String)
    /// The folder holds no backup.
    case absent(String)
    /// It was made by a later program.
    case format(Int)
    /// A file of it is missing, or another one than when it was made.
    case damaged(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .exists: "backup.exists"
        case .running: "backup.running"
        case .insideData: "backup.insideData"
        case .noFolder: "backup.noFolder"
        case .dataDisk: "backup.dataDisk"
        case .noRoom: "backup.noRoom"
        case .differs: "backup.differs"
        case .absent: "backup.absent"
        case .format: "backup.format"
        case .damaged: "backup.damaged"
        }
    }

    package var words: Words {
        switch self {
        case .exists(let path):
            Words("\(path) is there already: give another --name, or leave it out", "\(path)已存在：请另给 --name，或不给")
        case .running(let path):
            Words(
                "another terrace makes a backup of this node in \(path): wait for it",
                "另一 terrace 正在\(path)中备份本节点：请等它完成")
        case .insideData(let path):
            Words(
                "\(path) lies in the data directory and would be lost with it: choose another disk",
                "\(path)在数据目录之内，会随之一同丢失：请选择另一磁盘")
        case .noFolder(let path):
            Words(
                "\(path), where the backup of every night belongs, is not there: plug in its disk, or make the folder",
                "存放每夜备份的\(path)不存在：请接好该磁盘，或建立该文件夹")
        case .dataDisk(let path):
            Words(
                "\(path), where the backup of every night belongs, is on the disk of the data and would be lost with "
                    + "it: mount the other disk there, or name a folder on one",
                "存放每夜备份的\(path)与数据在同一磁盘，会一同丢失：请把另一磁盘挂载于此，或改用另一磁盘上的文件夹")
        case .noRoom(let path, let needed, let free):
            Words(
                "\(path) has room for \(free) bytes, and \(needed) are needed: free some room or choose another disk",
                "\(path)只剩\(free)字节，需要\(needed)字节：请腾出空间或另选磁盘")
        case .differs(let file):
            Words(
                "what was read back of \(file) is not what was written: choose another disk, this one damages data",
                "\(file)读回的内容与写入的不同：此磁盘会损坏数据，请另选磁盘")
        case .absent(let path):
            Words(
                "\(path) holds no backup: name the folder that `terrace backup` wrote, with manifest.json in it",
                "\(path)中没有备份：请指定 terrace backup 写下的文件夹，其中有 manifest.json")
        case .format(let number):
            Words(
                "the backup has format \(number), which this program does not know: use a newer one",
                "备份的格式为\(number)，本程序不认识：请使用更新的程序")
        case .damaged(let file):
            Words(
                "\(file) of the backup is missing or was changed since it was made: use another backup",
                "备份中的\(file)缺失，或在备份之后被改动：请使用另一份备份")
        }
    }
}
