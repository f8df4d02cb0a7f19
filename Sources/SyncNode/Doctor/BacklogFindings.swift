import ServiceModel

/// What waits to go up, and who below is silent.
extension FindingKind {
    static let ofBacklog = [backlogOld, backlogChildren, backlogMachines, backlogWaiting]

    static let backlogOld = FindingKind(
        "backlog.old", .warning,
        effect: Words(
            "Nothing is lost; but units above do not see these cases yet, cannot decide them, and do not count them.",
            "没有丢失；但上级尚看不到这些办件，不能决定，也未计入统计。"),
        wayOut: Words(
            "See by the findings of the line why it waits. Carry it on a stick if that lasts: `terrace bundle export "
                + "--data DIR --to PARENT STICK`. `terrace case list --data DIR --unsent` lists the cases.",
            "请看线路各项的原因。若持续不通，可用U盘上报：`terrace bundle export --data DIR --to PARENT STICK`。"
                + "`terrace case list --data DIR --unsent` 列出有关办件。"))

    static let backlogChildren = FindingKind(
        "backlog.children", .warning,
        effect: Words(
            "What these units do is not seen here, and figures lack it.", "看不到这些单位的办理情况，统计也不完整。"),
        wayOut: Words(
            "Call them: does the machine run, is the line up? `terrace doctor` there says which.",
            "请致电询问：机器是否开着，线路是否畅通？在当地运行 `terrace doctor` 可知。"))

    static let backlogMachines = FindingKind(
        "backlog.machines", .warning,
        effect: Words(
            "Figures of these units wait for what these machines may still bring.", "这些单位的统计还在等待这些机器可能上报的内容。"),
        wayOut: Words(
            "Where the machine works under another name now, or its disk is gone, its name is to be cut off at the "
                + "root: `terrace node cut UNIT#N --data DIR`. Else switch it on.",
            "若该机器已改用新名称，或磁盘已毁，请在根节点切除其旧名：`terrace node cut UNIT#N --data DIR`。否则请开机。"))

    static let backlogWaiting = FindingKind(
        "backlog.waiting", .note,
        effect: Words(
            "It is stored here, and goes up when the line is there.", "已存妥，线路接通后自动上报。"),
        wayOut: Words("Nothing has to be done.", "无须处理。"))
}

extension NodeFacts {
    var ofBacklog: [Finding] {
        guard let replica else { return [] }
        return [waiting(replica), silent(replica), silentMachines(replica)].compactMap(\.self)
    }

    private func waiting(_ replica: ReplicaFacts) -> Finding? {
        let figures = replica.standing.waiting
        guard figures.changeSets > 0 else { return nil }
        let isOld = (replica.standing.lag(at: now) ?? 0) > ExaminationBounds.backlog
        // What is to be done then is said of the standing.
        guard isOld || !isShutOut(replica) else { return nil }
        let count = Words(
            "change sets that wait to be sent up: \(figures.changeSets), of \(figures.cases) cases",
            "有\(figures.changeSets)条变更待上报，涉及\(figures.cases)件办件")
        let since = figures.oldest.map { Words(", the first since \(CivilTime.text($0))", "，最早为\(CivilTime.text($0))") }
        return Finding(isOld ? .backlogOld : .backlogWaiting, count + (since ?? Words(name: "")))
    }

    private func silent(_ replica: ReplicaFacts) -> Finding? {
        let silent = replica.children.filter { now.seconds - $0.heard > ExaminationBounds.childSilence }
        guard let last = silent.map(\.heard).min() else { return nil }
        let time = CivilTime.text(last)
        return Finding(
            .backlogChildren,
            Words("for days nothing was heard from ", "数日未收到消息：") + silent.map(\.name).someNames
                + Words(" (the longest since \(time))", "（最久自\(time)起）"))
    }

    private func silentMachines(_ replica: ReplicaFacts) -> Finding? {
        let silent = replica.children.flatMap(\.silent)
        guard !silent.isEmpty else { return nil }
        return Finding(
            .backlogMachines,
            Words(
                "for days nothing was heard from machines whose units speak by another one: ",
                "数日未收到消息的机器（其单位另有机器在用）：") + silent.someNames)
    }
}
