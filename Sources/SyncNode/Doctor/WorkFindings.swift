import ServiceModel

/// What waits for the people of this unit, and for couriers.
extension FindingKind {
    static let ofWork = [workRequests, workConflicts, workGap, workPending, workDrafts]

    static let workRequests = FindingKind(
        "work.requests", .warning,
        effect: Words(
            "What others did to these cases has no effect until it is answered; nothing of it is lost.",
            "他人对这些办件所做的在答复前不生效；内容没有丢失。"),
        wayOut: Words(
            "Open the cases, marked on the page of cases, and admit or decline each; or `terrace case list --data DIR "
                + "--unsettled`, and `terrace case answer`.",
            "请在办件页打开有标记的办件，逐项同意或不同意；或用 `terrace case list --data DIR --unsettled` 与 `terrace case answer`。"))

    static let workConflicts = FindingKind(
        "work.conflicts", .warning,
        effect: Words(
            "Every node shows the same one of two values until this unit says which is right.",
            "在本单位认定之前，各节点都显示同一个值。"),
        wayOut: Words(
            "Open the cases, marked on the page of cases, and choose; or `terrace case list --data DIR --unsettled`, "
                + "and `terrace case settle`.",
            "请在办件页打开有标记的办件并认定；或用 `terrace case list --data DIR --unsettled` 与 `terrace case settle`。"))

    static let workGap = FindingKind(
        "work.gap", .warning,
        effect: Words(
            "What came is used; what the missing volumes bring is not here yet.", "已到的内容可用；缺少的卷尚未到达。"),
        wayOut: Words(
            "Bring the missing sticks too: `terrace bundle import --data DIR STICK`. If they are lost, let the sender "
                + "export once more; a line fills the gap as well.",
            "请把缺少的U盘也导入：`terrace bundle import --data DIR STICK`。若已遗失，请发送方重新导出；线路接通也会补齐。"))

    static let workPending = FindingKind(
        "work.pending", .note,
        effect: Words(
            "These acts take effect by themselves when it comes.", "到达后自动生效。"),
        wayOut: Words(
            "Nothing has to be done. `terrace case list --data DIR --unsettled` lists the cases.",
            "无须处理。`terrace case list --data DIR --unsettled` 列出有关办件。"))

    static let workDrafts = FindingKind(
        "work.drafts", .note,
        effect: Words(
            "Nobody has accepted these cases, and no citizen has a receipt for them.", "这些办件尚未受理，群众没有凭证。"),
        wayOut: Words(
            "Resume or discard them at the counter's page.", "请在窗口页面继续填写或丢弃。"))
}

extension NodeFacts {
    var ofWork: [Finding] {
        guard let replica else { return [] }
        var found: [Finding] = []
        let waiting = replica.waiting
        if waiting.requests > 0 {
            found.append(
                Finding(
                    .workRequests,
                    Words(
                        "requests and proposals wait for this unit's answer in \(waiting.requests) cases",
                        "有\(waiting.requests)件办件的请求或提议等待本单位答复")))
        }
        if waiting.conflicts > 0 {
            found.append(
                Finding(
                    .workConflicts,
                    Words(
                        "\(waiting.conflicts) cases of this unit have two different values for one field",
                        "本单位有\(waiting.conflicts)件办件存在填写不一致")))
        }
        found += replica.gaps.map { gap in
            let what = Words(
                "what a courier brought from \(gap.unit)#\(gap.node) has a gap", "U盘从\(gap.unit)#\(gap.node)带来的内容有缺口")
            let volumes = Words("; missing volumes: ", "；缺少的卷：") + gap.missing.map { "\($0)" }.someNames
            return Finding(.workGap, gap.missing.isEmpty ? what : what + volumes)
        }
        if waiting.pending > 0 {
            found.append(
                Finding(
                    .workPending,
                    Words(
                        "\(waiting.pending) cases wait for something that has not come yet",
                        "有\(waiting.pending)件办件等待尚未到达的内容")))
        }
        if let oldest = replica.drafts.oldest, now.seconds - oldest > ExaminationBounds.draft {
            found.append(
                Finding(
                    .workDrafts,
                    Words(
                        "\(replica.drafts.count) drafts are not accepted, the oldest saved \(CivilTime.text(oldest))",
                        "有\(replica.drafts.count)份草稿尚未受理，最早存于\(CivilTime.text(oldest))")))
        }
        return found
    }
}
