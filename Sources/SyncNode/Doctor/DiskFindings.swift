import Replica
import ServiceModel

/// What the disk has done to the journal, and what this program could not make of it.
extension FindingKind {
    static let ofDisk = [diskLost, diskAbsent, diskDamaged, diskSetAside, diskUnknownKinds, diskUnchecked]

    static let diskLost = FindingKind(
        "disk.lost", .danger,
        effect: Words(
            "They are lost, and nobody else had them: a citizen may hold a receipt for what is not here.",
            "这些内容已无法找回，别处也没有：群众手中的凭证可能已无对应办件。"),
        wayOut: Words(
            "`terrace scrub --data DIR --taken-out` says of which cases; accept or act on those again. Then replace "
                + "this disk. `terrace scrub --data DIR --taken-out --seen` notes that this was done.",
            "`terrace scrub --data DIR --taken-out` 列出有关办件，请重新受理或办理；之后请更换磁盘。"
                + "完成后请用 `terrace scrub --data DIR --taken-out --seen` 注明。"))

    static let diskAbsent = FindingKind(
        "disk.absent", .warning,
        effect: Words(
            "What was built upon them waits; the neighbours bring them.", "与之相关的内容暂缓生效，将由上下级补回。"),
        wayOut: Words(
            "They come with the next exchange with the unit above; at once ", "与上级下一次交换时补回；要立即补回：")
            + exchangesAtOnce + Words(". Have the disk looked after.", "。请检查磁盘。"))

    static let diskDamaged = FindingKind(
        "disk.damaged", .warning,
        effect: Words(
            "What is damaged is not used; a serving node takes it out, and the neighbours bring it again.",
            "受损内容不予使用；运行中的节点会将其移出，由上下级补回。"),
        wayOut: Words(
            "Have this disk looked after, make a backup on another one, and run `terrace scrub --data DIR` again.",
            "请检查此磁盘，在另一磁盘上备份，并再次运行 `terrace scrub --data DIR`。"))

    static let diskSetAside = FindingKind(
        "disk.setAside", .warning,
        effect: Words(
            "These show as they were before; nothing of them is lost, and everything else goes on.",
            "这些内容仍显示此前的样子；没有丢失，其余照常。"),
        wayOut: Words(
            "Install the next version of the program, which tries again by itself, or run `terrace rebuild --data "
                + "DIR`. If it stays, report it with the log.",
            "请安装新版本程序，它会自动重试；也可运行 `terrace rebuild --data DIR`。若仍如此，请连同日志上报。"))

    static let diskUnknownKinds = FindingKind(
        "disk.unknownKinds", .warning,
        effect: Words(
            "They are kept and passed on; here they have no effect yet.", "已保存并照常转发；在本机暂不生效。"),
        wayOut: Words(
            "Install the version of the program that the other units have.", "请安装与其他单位相同版本的程序。"))

    static let diskUnchecked = FindingKind(
        "disk.unchecked", .warning,
        effect: Words(
            "A disk that changes bytes would not be noticed.", "磁盘若改动内容将不被发现。"),
        wayOut: Words(
            "Keep the node running at night, when it does it by itself, or run `terrace scrub --data DIR`.",
            "请让节点夜间保持运行，它会自动检查；或运行 `terrace scrub --data DIR`。"))
}

/// Copies of a node on other disks.
extension FindingKind {
    static let ofBackup = [backupNone, backupSameDisk, backupOld]

    static let backupNone = FindingKind(
        "backup.none", .warning,
        effect: Words(
            "If this disk dies, what has not gone up is lost.", "此磁盘一旦损坏，尚未上报的内容将丢失。"),
        wayOut: Words(
            "`terrace backup --data DIR FOLDER`, with a folder on another disk. `backups: FOLDER` in `terrace.yaml` "
                + "has it done every night.",
            "`terrace backup --data DIR FOLDER`，FOLDER 应在另一磁盘上；在 terrace.yaml 中写上 `backups: FOLDER` 即每夜执行。"))

    static let backupSameDisk = FindingKind(
        "backup.sameDisk", .warning,
        effect: Words(
            "If this disk dies, the backup dies with it.", "此磁盘一旦损坏，备份也随之丢失。"),
        wayOut: Words(
            "`terrace backup --data DIR FOLDER`, with a folder on another disk.",
            "`terrace backup --data DIR FOLDER`，FOLDER 应在另一磁盘上。"))

    static let backupOld = FindingKind(
        "backup.old", .warning,
        effect: Words(
            "If this disk dies, what came since and has not gone up is lost.", "此磁盘一旦损坏，此后尚未上报的内容将丢失。"),
        wayOut: Words(
            "`terrace backup --data DIR FOLDER`. `backups: FOLDER` in `terrace.yaml` has it done every night; if it "
                + "does, the log says why there was none: the disk is away, or full.",
            "`terrace backup --data DIR FOLDER`。在 terrace.yaml 中写上 `backups: FOLDER` 即每夜执行；若已写上，日志中有未备份的原因："
                + "磁盘不在，或已满。"))
}

extension NodeFacts {
    var ofDisk: [Finding] {
        guard let health = replica?.health else { return [] }
        var found: [Finding] = []
        func add(_ kind: FindingKind, _ count: Int, _ words: @autoclosure () -> Words) {
            if count > 0 { found.append(Finding(kind, words())) }
        }
        if let structure = health.scrub?.structure, failure == nil {
            found.append(
                Finding(
                    .databaseUnreadable,
                    Words("the database file is damaged (\(structure))", "数据库文件已损坏（\(structure)）")))
        }
        add(
            .diskLost, health.lost,
            Words(
                "the disk has changed \(health.lost) change sets that had not been sent",
                "磁盘改动了\(health.lost)条尚未上报的变更"))
        add(
            .diskAbsent, health.absent,
            Words(
                "\(health.absent) change sets that the disk had changed were taken out, and have not come again",
                "磁盘改动的\(health.absent)条变更已移出，尚未补回"))
        if let scrub = health.scrub, scrub.structure == nil {
            let time = CivilTime.text(scrub.finished)
            add(
                .diskDamaged, scrub.damaged,
                Words(
                    "the check of \(time) found \(scrub.damaged) damages", "\(time)的检查发现\(scrub.damaged)处损坏"))
        }
        add(
            .diskSetAside, health.setAside,
            Words(
                "\(health.setAside) records cannot be derived by this program, and are set aside"
                    + named(health.namedAside, .english),
                "有\(health.setAside)个办件或事项本程序无法推算，已搁置" + named(health.namedAside, .chinese)))
        add(
            .diskUnknownKinds, health.unknownKinds,
            Words(
                "\(health.unknownKinds) cases have entries of a kind that this program does not know",
                "有\(health.unknownKinds)件办件含有本程序不认识的内容"))
        return found + [unchecked(health.scrub?.finished)].compactMap(\.self)
    }

    private func named(_ records: [SetAsideRecord], _ language: Language) -> String {
        guard !records.isEmpty else { return "" }
        let names = records.map { one in
            let name = one.receipt ?? "\(one.creation.author) \(one.creation.sequence)"
            return "\(name) (\(one.code): \(one.words[language]))"
        }
        return (language == .chinese ? "：" : ": ") + names.joined(separator: language == .chinese ? "；" : "; ")
    }

    private func unchecked(_ last: Int64?) -> Finding? {
        guard let last else {
            return isPastBeginning
                ? Finding(.diskUnchecked, Words("the disk was never looked through", "磁盘内容从未检查")) : nil
        }
        guard now.seconds - last > ExaminationBounds.scrub else { return nil }
        let time = CivilTime.text(last)
        return Finding(.diskUnchecked, Words("the disk was looked through last \(time)", "磁盘内容最近检查于\(time)"))
    }

    var ofBackup: [Finding] {
        guard let replica else { return [] }
        guard let other = replica.backups.first(where: \.row.isOnOtherDisk) else {
            let none = Words("there is no verified backup on another disk", "另一磁盘上没有经核验的备份")
            guard let same = replica.backups.first.map({ CivilTime.text($0.row.time) }) else {
                return [Finding(.backupNone, none + Words(", nor on this one", "，本磁盘上也没有"))]
            }
            return [
                Finding(
                    .backupSameDisk, none + Words("; that of \(same) is on the same", "；\(same)的备份在同一磁盘"))
            ]
        }
        guard other.newer > 0, now.seconds - other.row.time > ExaminationBounds.backup else { return [] }
        let time = CivilTime.text(other.row.time)
        return [
            Finding(
                .backupOld,
                Words(
                    "the last verified backup on another disk is of \(time), \(other.newer) change sets ago",
                    "另一磁盘上最近一次经核验的备份是在\(time)，此后新增变更\(other.newer)条"))
        ]
    }
}
