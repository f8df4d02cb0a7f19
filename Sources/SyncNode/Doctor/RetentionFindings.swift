import Replica
import ServiceModel

/// Closed cases that should leave, or come back, and do not.
extension FindingKind {
    static let ofRetention = [retentionWaits, retentionWished, retentionCarried]

    static let retentionWaits = FindingKind(
        "retention.waits", .warning,
        effect: Words(
            "Work goes on, and nothing is lost; but the database goes on growing.", "业务照常，没有丢失；但数据库会持续增大。"),
        wayOut: Words(
            "Where a backup is missing, call the unit above: `terrace backup` there, onto another disk, and then an "
                + "exchange. Where a unit below is behind, call it: is its line up? Where a calendar is missing, the "
                + "root publishes it. Then `terrace retire --data DIR` lets them leave at once, and ends this.",
            "缺少备份的，请致电上级：在那里用 `terrace backup` 备份到另一磁盘，再交换一次。下级未跟上的，请致电该下级：线路是否畅通？"
                + "缺少日历的，由根节点发布。其后 `terrace retire --data DIR` 可立即移出并消除此提示。"))

    static let retentionWished = FindingKind(
        "retention.wished", .warning,
        effect: Words(
            "They can be found by their numbers, and not opened; whoever asked for them waits.",
            "可按编号查到，但无法打开；申请取回的人仍在等待。"),
        wayOut: Words(
            "They come with a comparison with the unit above: `terrace verify --data DIR --with PARENT --repair`. By "
                + "courier none can be asked for. If they do not come, call the unit above: it may have to ask further "
                + "up itself.",
            "与上级核对时送达：`terrace verify --data DIR --with PARENT --repair`。U盘传递不能申请取回。"
                + "仍未送达时请致电上级：它可能也须再向上申请。"))

    static let retentionCarried = FindingKind(
        "retention.carried", .note,
        effect: Words(
            "Work goes on, and nothing is lost; but the database goes on growing.", "业务照常，没有丢失；但数据库会持续增大。"),
        wayOut: Words(
            "Nothing has to be done. Once there is a line to the unit above they leave, when it has made a backup.",
            "无须处理。与上级接通线路、且上级备份之后，即会移出。"))
}

extension NodeFacts {
    var ofRetention: [Finding] {
        guard let replica, !replica.isRoot else { return [] }
        // No backup above lets go what a courier alone takes there.
        let ends = RetentionObstacle.needingSomebody.filter { $0 != .notBackedUp || !livesBySticks }
        return [
            waiting(replica, .retentionWaits, ends), wished(replica),
            livesBySticks ? waiting(replica, .retentionCarried, [.notBackedUp]) : nil,
        ].compactMap(\.self)
    }

    private func waiting(
        _ replica: ReplicaFacts, _ kind: FindingKind, _ reasons: [RetentionObstacle]
    ) -> Finding? {
        guard replica.hasRetentionRule, let pass = replica.retention else { return nil }
        let stuck = reasons.compactMap { reason in
            pass.kept[reason].flatMap { pass.time - $0.since > ExaminationBounds.retention ? (reason, $0) : nil }
        }
        guard let since = stuck.map(\.1.since).min() else { return nil }
        let time = CivilTime.text(since)
        let what = Words(
            "closed cases that should have left stay, the first since \(time)", "应移出的已办结办件仍在本节点，最早自\(time)起")
        return Finding(
            kind,
            stuck.reduce(what) { text, one in
                text + Words("; \(one.1.cases): ", "；\(one.1.cases)件：") + one.0.words(livesBySticks: livesBySticks)
            })
    }

    private func wished(_ replica: ReplicaFacts) -> Finding? {
        guard replica.wishedLong > 0 else { return nil }
        return Finding(
            .retentionWished,
            Words(
                "cases that were asked for back more than a day ago, and have not come: \(replica.wishedLong)",
                "申请取回已超过一天而尚未送达的办件：\(replica.wishedLong)件"))
    }
}
