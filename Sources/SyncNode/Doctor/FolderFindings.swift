import ServiceModel

/// The folder of a node, its files and its keys.
extension FindingKind {
    static let ofFolder = [
        folderNoNode, folderReadOnly, folderDenied, folderMissing, folderDamaged, folderOtherKey, folderFull,
        folderSettings, folderExposed, folderLow,
    ]

    static let folderNoNode = FindingKind(
        "folder.noNode", .danger,
        effect: Words("Nothing can be accepted from this folder.", "此目录不能用来受理。"),
        wayOut: Words(
            "Check `--data`. If the node was here, restore its backup: `terrace restore BACKUP --data DIR`. For a new "
                + "machine ask the unit above for a code: `terrace enroll join --data DIR --unit UNIT --parent "
                + "HOST:PORT --code CODE`.",
            "请核对 --data。若节点原在此处，请恢复备份：`terrace restore BACKUP --data DIR`。若是新机器，请向上级索取登记码："
                + "`terrace enroll join --data DIR --unit UNIT --parent HOST:PORT --code CODE`。"))

    static let folderReadOnly = FindingKind(
        "folder.readOnly", .danger,
        effect: Words(
            "Nothing can be accepted or decided here; what was confirmed is there.",
            "本机无法受理和办理；已确认的内容都在。"),
        wayOut: Words(
            "Mount the disk for writing. If the system locked it by itself, the disk is failing, and what it holds can "
                + "still be read: stop the node, copy DIR to a sound disk, and serve from there, never again from "
                + "here. Only if it cannot be read, restore the backup on another disk: `terrace restore BACKUP --data "
                + "OTHER`.",
            "请以可写方式挂载磁盘。若是系统自行锁定，说明磁盘将坏，但其中的内容仍可读取：请停止节点，将 DIR 复制到完好的磁盘，从那里启动，不再从此处启动。"
                + "只有读不出来时，才在另一磁盘上恢复备份：`terrace restore BACKUP --data OTHER`。"))

    static let folderDenied = FindingKind(
        "folder.denied", .danger,
        effect: Words("The node cannot work under this account.", "节点无法以此账户运行。"),
        wayOut: Words(
            "Run terrace under the account that owns the folder, or give the folder back to it: `chown -R ACCOUNT "
                + "DIR`.",
            "请用拥有此目录的账户运行，或将目录归还该账户：`chown -R ACCOUNT DIR`。"))

    static let folderMissing = FindingKind(
        "folder.missing", .danger,
        effect: Words(
            "The node does not start: without its keys it is nobody.", "节点无法启动：没有密钥就没有身份。"),
        wayOut: Words(
            "Take just these files from the backup: `terrace restore BACKUP --data DIR --keys`; the database of today "
                + "stays. Where that is missing too: `terrace restore BACKUP --data DIR`. If there is no backup, keep "
                + "the folder, and have a new machine enrolled by the unit above; what was sent comes back from there.",
            "请只从备份取这些文件：`terrace restore BACKUP --data DIR --keys`，当前的数据库不动。数据库也缺失时："
                + "`terrace restore BACKUP --data DIR`。没有备份时，请保留此目录，由上级登记新机器；已上报的内容会由上级补回。"))

    static let folderDamaged = FindingKind(
        "folder.damaged", .danger,
        effect: Words("The node does not start.", "节点无法启动。"),
        wayOut: Words(
            "Take just these files from the backup: `terrace restore BACKUP --data DIR --keys` moves the damaged ones "
                + "aside, and the database of today stays. Where that is missing: `terrace restore BACKUP --data DIR`.",
            "请只从备份取这些文件：`terrace restore BACKUP --data DIR --keys` 会移开损坏的文件，当前的数据库不动。"
                + "数据库也缺失时：`terrace restore BACKUP --data DIR`。"))

    static let folderOtherKey = FindingKind(
        "folder.otherKey", .danger,
        effect: Words(
            "The node does not start: what it signs with this key would be accepted nowhere.",
            "节点不启动：用该密钥签名的内容任何节点都不接受。"),
        wayOut: Words(
            "Put the file back that belongs to the database of today, from the backup: `terrace restore BACKUP --data "
                + "DIR --keys`; the database stays.",
            "请从备份放回与当前数据库相配的文件：`terrace restore BACKUP --data DIR --keys`，数据库不动。"))

    static let folderFull = FindingKind(
        "folder.full", .danger,
        effect: Words(
            "The next case cannot be stored; what was confirmed is there, and nothing is half done.",
            "下一件将无法保存；已确认的内容都在，没有半途之事。"),
        wayOut: Words(
            "Free some room on this disk; the node goes on by itself. Delete nothing inside of DIR.",
            "请腾出磁盘空间，节点会自行恢复。请勿删除 DIR 中的任何文件。"))

    static let folderSettings = FindingKind(
        "folder.settings", .danger,
        effect: Words("The node does not start with them.", "节点无法据此启动。"),
        wayOut: Words(
            "Correct `terrace.yaml` in DIR: `listen`, `uplink` and `hall` are host:port, `rate` is a number, `hours` "
                + "are like 22:00-06:00, `backups` is a folder, `backupsKept` a number.",
            "请改正 DIR 中的 terrace.yaml：listen、uplink、hall 为 主机:端口，rate 为数字，hours 形如 22:00-06:00，"
                + "backups 为文件夹，backupsKept 为数字。"
        ))

    static let folderExposed = FindingKind(
        "folder.exposed", .warning,
        effect: Words(
            "Whoever else uses this machine can act in the name of this unit.", "本机的其他账户可冒用本单位名义。"),
        wayOut: Words(
            "`chmod 600 DIR/*.key`. If a stranger had access, tell the root: it cuts the node, and the unit above "
                + "enrolls it again.",
            "`chmod 600 DIR/*.key`。若外人曾可接触，请报告根节点：由其切除本节点，再由上级重新登记。"))

    static let folderLow = FindingKind(
        "folder.low", .warning,
        effect: Words(
            "Work goes on; but soon nothing more can be stored, and a damaged database could not be saved here.",
            "业务照常；但不久将无法保存，数据库若损坏也无处救出。"),
        wayOut: Words("Free some room on this disk, or move the folder to a larger one.", "请腾出磁盘空间，或将目录移到更大的磁盘。"))
}

extension NodeFacts {
    var ofFolder: [Finding] {
        guard folder.hasNode else {
            return [Finding(.folderNoNode, Words("no node lives in \(folder.path)", "\(folder.path)中没有节点"))]
        }
        return [access, files, room].flatMap(\.self)
    }

    private var access: [Finding] {
        var found: [Finding] = []
        if let trouble = folder.trouble {
            found.append(
                trouble.isReadOnly
                    ? Finding(
                        .folderReadOnly,
                        Words("the disk of \(folder.path) is read-only", "\(folder.path)所在的磁盘为只读"))
                    : Finding(
                        .folderDenied,
                        Words("\(folder.path) cannot be written: ", "\(folder.path)无法写入：") + trouble.words))
        }
        if !folder.denied.isEmpty {
            found.append(
                Finding(
                    .folderDenied,
                    Words("this account may not use ", "此账户无权使用") + folder.denied.someNames))
        }
        return found
    }

    private var files: [Finding] {
        var found: [Finding] = []
        if !folder.missing.isEmpty {
            found.append(Finding(.folderMissing, Words("missing: ", "缺少：") + folder.missing.someNames))
        }
        if !folder.damaged.isEmpty {
            found.append(
                Finding(
                    .folderDamaged,
                    Words("these files do not say what they should: ", "以下文件内容不对：")
                        + folder.damaged.someNames))
        }
        if !folder.doesKeyFit {
            found.append(
                Finding(
                    .folderOtherKey,
                    Words("`node.key` is not the key of the node's certificate", "node.key 不是本节点证书的密钥")))
        } else if replica?.doesSealKeyFit == false {
            found.append(
                Finding(
                    .folderOtherKey,
                    Words("`seal.key` is not the key that this node writes with", "seal.key 不是本节点所用的封存密钥")))
        }
        if hasBadSettings {
            found.append(
                Finding(.folderSettings, Words("`terrace.yaml` cannot be understood", "terrace.yaml 无法读懂")))
        }
        if !folder.exposed.isEmpty {
            found.append(
                Finding(
                    .folderExposed,
                    Words("other accounts of this machine can read ", "本机其他账户可读取") + folder.exposed.someNames))
        }
        return found
    }

    private var room: [Finding] {
        guard let free = folder.free else { return [] }
        let megabytes = Words(
            "\(free / 1_048_576) MiB are free on the disk of \(folder.path)",
            "\(folder.path)所在的磁盘剩余\(free / 1_048_576) MiB")
        if folder.isFull { return [Finding(.folderFull, megabytes)] }
        return free < max(ExaminationBounds.low, folder.databaseBytes) ? [Finding(.folderLow, megabytes)] : []
    }
}
