import ServiceModel

/// What those who dial this node from below have met here.
extension FindingKind {
    static let ofArrivals = [childrenStorm, childrenDisplaced]

    static let childrenStorm = FindingKind(
        "children.storm", .note,
        effect: Words(
            "They come again by themselves, in turn; nothing is lost.", "它们会依次自动再来；没有丢失。"),
        wayOut: Words(
            "Nothing has to be done. If it is so every day, let the hours of the units below lie apart: `hours` in "
                + "their `terrace.yaml`.",
            "无须处理。若每天如此，请错开下级各单位的时段：即其 terrace.yaml 中的 `hours`。"))

    static let childrenDisplaced = FindingKind(
        "children.displaced", .warning,
        effect: Words(
            "It may be two machines of one disk, each of which ends the other's exchange; or one machine whose line "
                + "is cut and comes back by another address.",
            "可能是同一磁盘的两台机器在互相中断对方的交换；也可能是同一台机器断线后换了地址再来。"),
        wayOut: Words(
            "Ask the unit how many machines it runs under this name. If there are two, have one switched off: "
                + "`terrace node forks --data DIR` shows whether both have written.",
            "请询问该单位以此名义运行几台机器。若有两台，请关闭一台：`terrace node forks --data DIR` 可查看是否都有写入。"))
}

extension NodeFacts {
    var ofArrivals: [Finding] {
        guard let arrivals = service.arrivals else { return [] }
        return [storm(arrivals), displaced(arrivals)].compactMap(\.self)
    }

    private func displaced(_ arrivals: ArrivalState) -> Finding? {
        let recent = arrivals.displaced.filter { now.seconds - $0.last <= ExaminationBounds.day }
        guard !recent.isEmpty else { return nil }
        return Finding(
            .childrenDisplaced,
            Words("came again and again from another address, with an exchange open: ", "交换未完又多次从另一地址再来：")
                + recent.map { "\($0.name) (\($0.addresses.joined(separator: ", ")))" }.someNames)
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
