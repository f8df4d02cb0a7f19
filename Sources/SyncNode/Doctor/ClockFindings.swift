import ServiceModel

/// The machine's clock, and the certificate that it is held against.
extension FindingKind {
    static let ofClock = [clockNoDay, certificateEnded, clockDoubted, certificateEnding]

    static let clockNoDay = FindingKind(
        "clock.noDay", .danger,
        effect: Words(
            "Acts are taken with the day that the clerk writes, and with no other; codes and certificates are not "
                + "issued.",
            "须由经办人填写日期方可办理；不签发登记码和证书。"),
        wayOut: Words(
            "Set the clock of this machine; the node notices it by itself. If it is right, the other time is wrong. "
                + "Where the unit above or the certificate has it, tell that unit. Where it is an entry of this node, "
                + "this clock was wrong then: check that entry's day, and write days by hand until the unit above has "
                + "the entry, or another one follows it.",
            "请校准本机时钟，节点会自行察觉。若本机时钟无误，则是另一时间有误：若出自上级或证书，请告知上级；若是本节点的记录，则当时本机时钟有误，"
                + "请核对该记录的日期，并手填日期，直到该记录已上报或其后有了新的记录。"))

    static let certificateEnded = FindingKind(
        "certificate.ended", .danger,
        effect: Words(
            "The counter works on; no node above or below lets this one in, and days must be written by hand.",
            "窗口照常，但日期须手填；上下级节点都不接受连接。"),
        wayOut: Words(
            "Look at the clock first. If it is right, ask the unit above for a code, and run `terrace enroll again "
                + "--data DIR --code CODE`.",
            "请先核对时钟。若时钟无误，请向上级索取登记码，运行 `terrace enroll again --data DIR --code CODE`。"))

    static let clockDoubted = FindingKind(
        "clock.doubted", .warning,
        effect: Words(
            "Order is right; but the day that an act gets by itself may be a wrong one, which nothing marks, and times "
                + "that are shown may be off.",
            "次序无误；但自动填写的办理日期可能有误且不会被标出，所显示的时间可能不准。"),
        wayOut: Words(
            "Hold the clock of this machine against another one, and set it. Let it be set by the network, if there is "
                + "one (NTP). Until then check the day of each act, and give the right one, in commands by `--day`.",
            "请与其他时钟核对并校准；有网络时请启用自动对时（NTP）。在此之前请核对每次办理的日期，填写正确的日期（命令中用 `--day`）。"))

    static let certificateEnding = FindingKind(
        "certificate.ending", .warning,
        effect: Words(
            "Nothing yet; after that day no node lets this one in.", "暂无影响；到期后上下级节点不再接受连接。"),
        wayOut: Words(
            "Ask the unit above for a code now, stop the node, and run `terrace enroll again --data DIR --code CODE`.",
            "请现在就向上级索取登记码，停止节点，运行 `terrace enroll again --data DIR --code CODE`。"))
}

extension Finding {
    /// What speaks against the machine's clock.
    package var isOfClock: Bool { [.clockNoDay, .clockDoubted, .certificateEnded].contains(kind) }
}

extension NodeFacts {
    var ofClock: [Finding] {
        [clock, ending].compactMap(\.self)
    }

    private var clock: Finding? {
        guard let standing = replica?.clock, let doubt = standing.doubt else { return nil }
        if case .certificateEnded = doubt { return Finding(.certificateEnded, doubt.words) }
        return Finding(standing.needsDay ? .clockNoDay : .clockDoubted, doubt.words)
    }

    private var ending: Finding? {
        guard let certificate = folder.certificate, replica?.clock?.needsDay != true else { return nil }
        let left = certificate.until - now.seconds
        guard left >= 0, left < ExaminationBounds.certificate else { return nil }
        let day = String(CivilTime.text(certificate.until).prefix(10))
        return Finding(.certificateEnding, Words("this node's certificate ends on \(day)", "本节点的证书将于\(day)到期"))
    }
}
