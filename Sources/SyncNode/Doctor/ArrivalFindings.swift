import ServiceModel

/// What those who dial this node from below have met here.
extension FindingKind {
    static let ofArrivals = [childrenStorm]

    static let childrenStorm = FindingKind(
        "children.storm", .note,
        effect: Words(
            "They come again by themselves, in turn; nothing is lost.", "它们会依次自动再来；没有丢失。"),
        wayOut: Words(
            "Nothing has to be done. If it is so every day, let the hours of the units below lie apart: `hours` in their "
                + "`terrace.yaml`.",
            "无须处理。若每天如此，请错开下级各单位的时段：即其 terrace.yaml 中的 `hours`。"))
}

extension NodeFacts {
    var ofArrivals: [Finding] {
        [service.arrivals.flatMap(storm)].compactMap(\.self)
    }

    private func storm(_ arrivals: ArrivalState) -> Finding? {
        guard let storm = arrivals.storm, now.seconds - storm.last <= ExaminationBounds.storm else { return nil }
        let time = CivilTime.text(storm.since)
        return Finding(
            .childrenStorm,
            Words(
                "since \(time), \(storm.children) children were told to come again, \(storm.refusals) times in all",
                "自\(time)起，有\(storm.children)个下级节点被告知稍后再来，共\(storm.refusals)次"))
    }
}
