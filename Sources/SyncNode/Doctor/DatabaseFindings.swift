import Replica
import ServiceModel

/// The database as a file, and which of its lives it is in.
extension FindingKind {
    static let ofDatabase = [
        databaseAbsent, databaseSaved, databaseEmpty, databaseForeign, databaseUnreadable, databaseNewer,
        databaseRefused, databaseDamaged, databaseFault, databaseOther, databaseIndex, databaseBusy, databaseCopy,
        databaseBehind, databaseUncompared, databaseResting, databaseCarried, databaseOlder,
    ]

    static let databaseAbsent = FindingKind(
        "database.absent", .danger,
        effect: Words("The node does not start; the counter is closed.", "节点无法启动，窗口无法办理。"),
        wayOut: Words(
            "Put the file back if it was moved away, else restore the backup: `terrace restore BACKUP --data DIR`. If "
                + "there is none, call the unit above for a new enrollment.",
            "若文件被移走，请放回；否则请恢复备份：`terrace restore BACKUP --data DIR`。没有备份时请向上级申请重新登记。"))

    static let databaseSaved = FindingKind(
        "database.saved", .danger,
        effect: Words("The node does not start; the counter is closed.", "节点无法启动，窗口无法办理。"),
        wayOut: Words(
            "`terrace salvage --data DIR` puts it in place. Restore no backup: that would be older.",
            "`terrace salvage --data DIR` 即可使其就位。不要恢复备份：备份较旧。"))

    static let databaseEmpty = FindingKind(
        "database.empty", .danger,
        effect: Words("The node does not start; the counter is closed.", "节点无法启动，窗口无法办理。"),
        wayOut: Words(
            "If the file has another name now, put it back, else restore the backup: `terrace restore BACKUP --data "
                + "DIR --replace`. If there is none, keep this folder, ask the unit above for a code, and enroll the "
                + "machine anew in another one: `terrace enroll join --data NEW --unit UNIT --parent HOST:PORT --code "
                + "CODE`; what was sent comes back from there. Have the disk looked after.",
            "若文件已改名，请放回；否则请恢复备份：`terrace restore BACKUP --data DIR --replace`。没有备份时，请保留此目录，"
                + "向上级索取登记码，在另一目录重新登记：`terrace enroll join --data NEW --unit UNIT --parent HOST:PORT --code CODE`，"
                + "已上报的会由上级补回。请检查磁盘。"))

    static let databaseForeign = FindingKind(
        "database.foreign", .danger,
        effect: Words("The node does not start; the counter is closed.", "节点无法启动，窗口无法办理。"),
        wayOut: Words(
            "Move this file away, with the replica.sqlite-wal and replica.sqlite-shm beside it, and put the node's own "
                + "back, else restore the backup, which moves them aside: `terrace restore BACKUP --data DIR "
                + "--replace`.",
            "请将此文件连同旁边的 replica.sqlite-wal、replica.sqlite-shm 移开，放回节点自己的；否则请恢复备份，它们会被移开保留："
                + "`terrace restore BACKUP --data DIR --replace`。"))

    static let databaseUnreadable = FindingKind(
        "database.unreadable", .danger,
        effect: Words(
            "Nothing is served from it, so that nothing wrong is shown; the counter is closed.",
            "为避免显示错误内容，已停止据此服务，窗口无法办理。"),
        wayOut: Words(
            "Stop the node, and save what can be read: `terrace salvage --data DIR`. The neighbours bring the rest. "
                + "Then have the disk looked after.",
            "请停止节点，救出可读的内容：`terrace salvage --data DIR`，其余由上下级补回。之后请检查磁盘。"))

    static let databaseNewer = FindingKind(
        "database.newer", .danger,
        effect: Words("This program cannot use it; the counter is closed.", "此程序无法使用它，窗口无法办理。"),
        wayOut: Words(
            "Install the newer program again. An older one cannot go back over what a newer one has written.",
            "请重新安装较新的程序。旧程序不能退回使用。"))

    static let databaseRefused = FindingKind(
        "database.refused", .danger,
        effect: Words("Nothing can be accepted or decided here.", "本机无法受理和办理。"),
        wayOut: Words(
            "Look after the disk: is it full, read-only, or failing? Then examine again: `terrace doctor --data DIR`.",
            "请检查磁盘是否已满、只读或损坏，再重新检查：`terrace doctor --data DIR`。"))

    static let databaseDamaged = FindingKind(
        "database.damaged", .danger,
        effect: Words(
            "What is damaged is not used; the cases that it concerns cannot be worked on.",
            "受损内容不予使用，有关办件暂不能办理。"),
        wayOut: Words(
            "`terrace scrub --data DIR --take-out` takes it out, and the neighbours bring it again; a serving node "
                + "does so by itself within a second.",
            "`terrace scrub --data DIR --take-out` 将其移出，由上下级补回；运行中的节点会自动处理。"))

    static let databaseFault = FindingKind(
        "database.fault", .danger,
        effect: Words(
            "What was asked was not done, and nothing of it was kept; nothing is damaged by it.",
            "所要求的操作没有完成，也没有留下改动；内容并未因此受损。"),
        wayOut: Words(
            "Try again: `terrace doctor --data DIR`. If it stays, look through the disk, `terrace scrub --data DIR`; "
                + "where that finds nothing, report it with the log, and install the next version of the program.",
            "请重试：`terrace doctor --data DIR`。若仍如此，请检查磁盘：`terrace scrub --data DIR`；若未发现损坏，请连同日志上报，并安装新版程序。"))

    static let databaseOther = FindingKind(
        "database.other", .danger,
        effect: Words(
            "The node does not start: what were written here would be accepted nowhere.",
            "节点无法启动：在此写下的内容不会被任何节点接受。"),
        wayOut: Words(
            "If the keys are the wrong ones, put those of the database back, from a backup of its node: `terrace "
                + "restore BACKUP --data DIR --keys`. If the database is, move it out of DIR with the "
                + "replica.sqlite-wal and replica.sqlite-shm beside it, put the right one back or restore its backup: "
                + "`terrace restore BACKUP --data DIR`.",
            "若密钥放错，请从该数据库所属节点的备份放回其密钥：`terrace restore BACKUP --data DIR --keys`。"
                + "若数据库放错，请将它连同旁边的 replica.sqlite-wal、replica.sqlite-shm 移出 DIR，再放回正确的，或恢复备份："
                + "`terrace restore BACKUP --data DIR`。"))

    static let databaseIndex = FindingKind(
        "database.index", .warning,
        effect: Words(
            "Searches may fail; nothing is lost.", "查找可能出错；内容没有丢失。"),
        wayOut: Words("`terrace rebuild --data DIR` makes it again.", "`terrace rebuild --data DIR` 即可重建。"))

    static let databaseBusy = FindingKind(
        "database.busy", .warning,
        effect: Words("Pages and commands wait, or give up.", "页面与命令会等待或放弃。"),
        wayOut: Words(
            "Wait a moment. If it stays, end the other program that holds `replica.sqlite`, an open sqlite3 for "
                + "example.",
            "请稍候。若一直如此，请关闭占用 replica.sqlite 的其他程序，例如打开着的 sqlite3。"))

    static let databaseCopy = FindingKind(
        "database.copy", .warning,
        effect: Words(
            "At its start the node goes on as a new incarnation; what was done after the copy was made comes back from "
                + "the neighbours, if they had it.",
            "启动后节点以新的化身继续；复制之后办理的内容，凡已上报的由上下级补回。"),
        wayOut: Words(
            "If the node was to be restored, start it: `terrace serve --data DIR`. Otherwise put the node's own "
                + "database back before anybody starts it.",
            "若本意是恢复，请启动节点：`terrace serve --data DIR`。否则请在启动前放回节点自己的数据库。"))

    static let databaseBehind = FindingKind(
        "database.behind", .warning,
        effect: Words(
            "At its start the node goes on as a new incarnation, and asks the neighbours for what it lacks.",
            "启动后节点以新的化身继续，并向上下级索取缺少的内容。"),
        wayOut: Words(
            "If there is a newer database of this node, put it back before it starts. Otherwise start it: `terrace "
                + "serve --data DIR`.",
            "若有本节点更新的数据库，请在启动前放回。否则请启动：`terrace serve --data DIR`。"))

    static let databaseUncompared = FindingKind(
        "database.uncompared", .warning,
        effect: Words(
            "The counter works; cases may still be missing at one of the two.", "窗口照常；双方之一可能尚缺办件。"),
        wayOut: Words(
            "It ends by itself with the next exchange with the unit above; at once ", "与上级下一次交换时自动消除；要立即消除：")
            + exchangesAtOnce + Words(".", "。"))

    static let databaseResting = FindingKind(
        "database.resting", .warning,
        effect: Words(
            "What they say does not count, here or elsewhere.", "这些内容在任何节点都不计入。"),
        wayOut: Words(
            "Let the node exchange with its neighbours; what had been sent once comes back and counts. What stays "
                + "`terrace case resting --data DIR` lists: the clerk enters it again, from the papers. `terrace case "
                + "resting --data DIR --seen` notes that this was done.",
            "请与上下级交换；曾送出的会补回并计入。仍留下的由 `terrace case resting --data DIR` 列出，请经办人按纸质材料重新录入。"
                + "完成后请用 `terrace case resting --data DIR --seen` 注明。"))

    /// Who lives by sticks has no exchange that could end it, and need not lack anything.
    static let databaseCarried = FindingKind(
        "database.carried", .note,
        effect: Words(
            "The counter works; until bundles have gone both ways cases may be missing at one of the two.",
            "窗口照常；双向传递U盘之前，双方之一可能尚缺办件。"),
        wayOut: Words(
            "Bundles that go up, down and up again, each made when the one before was imported, bring what either "
                + "lacks: `terrace bundle export --data DIR --to PARENT STICK`. To know it: `terrace verify --data DIR "
                + "--unit UNIT` here and at the unit above, with this unit's code, both show one fingerprint; if not, "
                + "add `--from-beginning` to both exports. It stays said until there is a line: sticks prove nothing.",
            "数据包上行、下行、再上行，每次都在前一个导入之后导出，即可补齐双方：`terrace bundle export --data DIR --to PARENT STICK`。"
                + "要确认：在本节点和上级分别运行 `terrace verify --data DIR --unit UNIT`，UNIT 为本单位代码，核对指纹是否相同；"
                + "若不同，两边导出时都加 `--from-beginning`。U盘传递没有证明，接通线路后此提示才会消除。"))

    static let databaseOlder = FindingKind(
        "database.older", .note,
        effect: Words("The rest cannot be examined before that.", "在此之前无法检查其余内容。"),
        wayOut: Words(
            "Make a backup with the earlier program, and start the node with this one: `terrace serve --data DIR`.",
            "请先用原程序备份，再用此程序启动：`terrace serve --data DIR`。"))
}

extension NodeFacts {
    var ofDatabase: [Finding] {
        if let otherDatabase { return [otherDatabase] }
        return [failure.flatMap(finding)].compactMap(\.self) + (replica.map(lives) ?? [])
    }

    /// That the database is another node's, so that what it says is nothing of this one.
    var otherDatabase: Finding? {
        guard let replica, let name = folder.name,
            replica.isOfOtherNetwork || name.unit != replica.unit || name.ordinal != replica.ordinal
        else { return nil }
        let network = Words(" of another network", "（另一网络）")
        return Finding(
            .databaseOther,
            Words(
                "the database is that of \(replica.unit)#\(replica.ordinal)", "数据库属于\(replica.unit)#\(replica.ordinal)")
                + (replica.isOfOtherNetwork ? network : Words(name: ""))
                + Words(
                    ", and the certificate that of \(name.unit)#\(name.ordinal)", "，证书属于\(name.unit)#\(name.ordinal)"))
    }

    private var absence: Finding {
        guard folder.hasSalvaged else {
            return Finding(.databaseAbsent, Words("`replica.sqlite` is missing", "缺少 replica.sqlite"))
        }
        return Finding(
            .databaseSaved,
            Words(
                "`replica.sqlite` is missing, and all that a salvage saved before it was stopped lies beside its place",
                "缺少 replica.sqlite；一次中断的 salvage 所救出的全部内容还在旁边"))
    }

    private func finding(_ failure: ReplicaError) -> Finding? {
        switch failure {
        case .absent:
            // Behind a closed door nobody knows.
            folder.trouble?.isDenied == true ? nil : absence
        case .empty:
            Finding(
                .databaseEmpty,
                Words("`replica.sqlite` is empty: nothing of a node is in it", "replica.sqlite 是空的，其中没有节点的内容"))
        case .foreign:
            Finding(
                .databaseForeign,
                Words("`replica.sqlite` is a database of another program", "replica.sqlite 是其他程序的数据库"))
        case .unreadable(let why):
            Finding(
                .databaseUnreadable, Words("the database file is damaged (\(why))", "数据库文件已损坏（\(why)）"))
        case .newer:
            Finding(
                .databaseNewer,
                Words("the database was written by a newer program", "数据库由更新的程序写成"))
        case .older:
            Finding(
                .databaseOlder,
                Words(
                    "the database was written by an earlier program, and is brought up to this one at the next start",
                    "数据库由较早的程序写成，下次启动时升级"))
        case .storage(let why, _):
            // The folder says why, in plainer words.
            folder.trouble != nil || !folder.denied.isEmpty
                ? nil
                : Finding(
                    .databaseRefused, Words("the disk does not let the database be read (\(why))", "磁盘不让读取数据库（\(why)）"))
        case .busy:
            Finding(.databaseBusy, Words("another program holds the database", "另一程序占用数据库"))
        case .index(let why):
            Finding(.databaseIndex, Words("an index of the database is damaged (\(why))", "数据库的索引已损坏（\(why)）"))
        case .damaged(let what):
            Finding(.databaseDamaged, Words("the disk has changed a value (\(what))", "磁盘上的一项内容已被改动（\(what)）"))
        case .damagedRun(let run):
            Finding(.databaseDamaged, Words("the disk has changed ", "磁盘改动了") + run.words)
        case .damagedOpening(let author):
            Finding(
                .databaseDamaged,
                Words("the disk has changed the opening of the author \(author)", "磁盘改动了作者\(author)的开篇"))
        case .fault(let why):
            Finding(
                .databaseFault,
                Words("the database did not do what was asked (\(why))", "数据库未能完成操作（\(why)）"))
        case .trapped: nil  // It is told as set aside.
        }
    }

    private func lives(_ replica: ReplicaFacts) -> [Finding] {
        var found: [Finding] = []
        if let copied = replica.copied {
            found.append(
                Finding(
                    .databaseCopy,
                    Words(
                        "the database is a copy that was made \(CivilTime.text(copied)), and was not started yet",
                        "数据库是\(CivilTime.text(copied))的副本，尚未启动过")))
        } else if replica.isBehindAnchor, !service.isServed, !isAnchorOther {
            found.append(
                Finding(
                    .databaseBehind,
                    Words(
                        "the database is older than what the anchor knows of this node",
                        "数据库比 anchor 所记的更旧")))
        } else if replica.awaitsComparison, let name = replica.parent?.name {
            found.append(
                Finding(
                    livesBySticks ? .databaseCarried : .databaseUncompared,
                    Words(
                        "this node and \(name) have not compared what they hold since the two met, or since one of the "
                            + "two databases began anew (a restore, a repair, an upgrade)",
                        "自双方首次联系，或一方数据库（经恢复、修复或升级）重新开始以来，本节点尚未与\(name)核对")))
        }
        if replica.resting > 0 {
            found.append(
                Finding(
                    .databaseResting,
                    Words(
                        "change sets of an earlier incarnation that were never sealed, and do not count: "
                            + "\(replica.resting)",
                        "前一代身份有\(replica.resting)条变更从未封存，不计入")))
        }
        return found
    }
}
