import ServiceModel
import Trust

/// The line upward.
extension FindingKind {
    static let ofLine = [
        lineNoUplink, lineDown, linePortal, lineRefused, lineOutOfPlace, lineOwnTrouble, lineStandIn, lineSilent,
        lineNotServed, lineTrying, lineBusy, lineHours,
    ]

    private static let worksOn = Words(
        "The counter works on; what is done waits, and decisions from above come later.",
        "窗口照常；所办内容待上报，上级的决定会晚到。")

    /// How the next exchange comes at once. Beside a serving node a command cannot make one of its own, and a
    /// comparison that is asked for ends the one that is under way.
    static let exchangesAtOnce = Words(
        "on a serving node by `terrace verify --data DIR --with PARENT`, on another by `terrace sync --data DIR`",
        "运行中的节点用 `terrace verify --data DIR --with PARENT`，未运行的用 `terrace sync --data DIR`")

    static let lineNoUplink = FindingKind(
        "line.noUplink", .warning, effect: worksOn,
        wayOut: Words(
            "Write the address of the unit above into `terrace.yaml`, `uplink: HOST:PORT`, and start the node again; "
                + "without a line, carry bundles: `terrace bundle export --data DIR --to PARENT STICK`.",
            "请将上级地址写入 terrace.yaml：`uplink: HOST:PORT`，再重新启动；没有线路时请用U盘传递："
                + "`terrace bundle export --data DIR --to PARENT STICK`。"))

    static let lineDown = FindingKind(
        "line.down", .warning, effect: worksOn,
        wayOut: Words(
            "Nothing has to be done for the counter. Look after cable and router, then call the unit above: is its "
                + "node "
                + "running? If it lasts, carry what waits on a stick: `terrace bundle export --data DIR --to PARENT "
                + "STICK`.",
            "窗口无须处理。请检查网线和路由器，再致电上级询问其节点是否运行。若持续不通，可用U盘上报："
                + "`terrace bundle export --data DIR --to PARENT STICK`。"))

    static let linePortal = FindingKind(
        "line.portal", .warning, effect: worksOn,
        wayOut: Words(
            "Log in to the network on this machine, if a page asks for it; else have whoever runs the network let the "
                + "port of the unit above pass without a proxy. Check its address in `terrace.yaml`, too.",
            "若网络要求登录，请在本机登录；否则请网络管理方放行上级端口，不经代理。并请核对 terrace.yaml 中的上级地址。"))

    static let lineRefused = FindingKind(
        "line.refused", .warning, effect: worksOn,
        wayOut: Words(
            "Do what the reason says. If it does not help, call the unit above: where it has refused, its log has the "
                + "same reason.",
            "请按所述原因处理。仍不行时请致电上级：若是上级拒绝，其日志有同样的原因。"))

    static let lineOutOfPlace = FindingKind(
        "line.outOfPlace", .warning, effect: worksOn,
        wayOut: Words(
            "Ask which unit is above this one today. Write its address into `terrace.yaml`, `uplink: HOST:PORT`, and "
                + "start the node again.",
            "请问清本单位现在的上级，将其地址写入 terrace.yaml：`uplink: HOST:PORT`，再重新启动节点。"))

    static let lineOwnTrouble = FindingKind(
        "line.ownTrouble", .warning, effect: worksOn,
        wayOut: Words(
            "The trouble is at this machine, mostly its disk: see the other findings, and the log of the node.",
            "问题在本机，多为磁盘：请看其他各项和节点日志。"))

    static let lineStandIn = FindingKind(
        "line.standIn", .warning,
        effect: Words(
            "Everything goes up and comes down, by another way; the unit above itself hears it later.",
            "上报下发照常，只是绕行；直接上级会晚些收到。"),
        wayOut: Words(
            "Call the unit above: its node does not answer. This node returns to it by itself.",
            "请致电上级：其节点没有应答。恢复后本节点会自动切回。"))

    static let lineSilent = FindingKind(
        "line.silent", .warning, effect: worksOn,
        wayOut: Words(
            "Bring the line back, or carry bundles both ways: `terrace bundle export --data DIR --to PARENT STICK`.",
            "请恢复线路，或用U盘往返传递：`terrace bundle export --data DIR --to PARENT STICK`。"))

    static let lineNotServed = FindingKind(
        "line.notServed", .note,
        effect: Words(
            "Commands work; pages are closed, and nothing is exchanged by itself.", "命令可用；页面未开，也不会自动交换。"),
        wayOut: Words("Start it: `terrace serve --data DIR`.", "请启动：`terrace serve --data DIR`。"))

    static let lineTrying = FindingKind(
        "line.trying", .note, effect: Words("The counter works on.", "窗口照常。"),
        wayOut: Words("Wait a moment.", "请稍候。"))

    static let lineBusy = FindingKind(
        "line.busy", .note, effect: worksOn,
        wayOut: Words("Nothing: it is tried again in turn.", "无须处理：将依次重试。"))

    static let lineHours = FindingKind(
        "line.hours", .note, effect: worksOn,
        wayOut: Words(
            "Nothing, as it is set up. What is urgent goes at once by `terrace sync --data DIR`, with the node "
                + "stopped.",
            "按设置无须处理。急件可停止节点后用 `terrace sync --data DIR` 立即上报。"))
}

extension NodeFacts {
    var ofLine: [Finding] {
        guard let replica else { return [] }
        var found: [Finding] = []
        if !service.isServed {
            found.append(Finding(.lineNotServed, Words("nobody serves this node", "节点未在运行")))
        }
        guard !replica.isRoot else { return found }
        if service.hasUplink == false, !livesBySticks {
            found.append(
                Finding(.lineNoUplink, Words("no address of a unit above is set up", "没有设置上级地址")))
        }
        if let silent = silence(replica) { found.append(silent) }
        return found + (lineFinding(replica).map { [$0] } ?? [])
    }

    /// Whether a courier is the way up: no address of a unit above is set up or tried, sticks come from there, and
    /// it is long that there was a line to compare. Where they stay away, the silence is told.
    package var livesBySticks: Bool {
        guard let replica, replica.comesByStick, service.hasUplink != true, service.line?.since == nil else {
            return false
        }
        guard let last = replica.proof.flatMap({ $0.comparison?.time ?? $0.proven }) else { return true }
        return now.seconds - last > ExaminationBounds.silence
    }

    private func silence(_ replica: ReplicaFacts) -> Finding? {
        guard let heard = replica.standing.heard, now.seconds - heard > ExaminationBounds.silence,
            service.line?.isUp != true
        else { return nil }
        let time = CivilTime.text(heard)
        return Finding(.lineSilent, Words("nothing was heard from above since \(time)", "自\(time)起未收到上级消息"))
    }

    private func lineFinding(_ replica: ReplicaFacts) -> Finding? {
        guard service.isServed, service.hasUplink != false else { return nil }
        guard let line = service.line, let since = line.since else {
            // How it stands may be known, with no room to write it down for others.
            return folder.isFull
                ? nil : Finding(.lineTrying, Words("the line up is being tried", "正在接通上行线路"))
        }
        if let through = line.through, line.isUp { return upFinding(through, line, replica) }
        guard let failure = line.failure else { return nil }
        let time = CivilTime.text(since)
        if line.isPaused {
            let kind: FindingKind = failure.code == LineState.busyCode ? .lineBusy : .lineHours
            return Finding(kind, Words("the line up rests since \(time): ", "上行线路自\(time)起暂歇：") + failure.words)
        }
        // A node that was cut or is on hold has no line, and the line is not what is wrong.
        guard failure.refusal != Self.heldCode, !replica.isCut, !replica.isOnHold else { return nil }
        return Finding(
            Self.kind(of: failure), Words("the line up is cut since \(time): ", "上行线路自\(time)起中断：") + failure.words)
    }

    private func upFinding(_ through: UpperNode, _ line: LineState, _ replica: ReplicaFacts) -> Finding? {
        let name = "\(through.unit)#\(through.node)"
        if let above = replica.above, !above.contains(through.unit) {
            return Finding(
                .lineOutOfPlace,
                Words("\(name) answers, which is not above this unit", "应答的是\(name)，它不在本单位之上"))
        }
        guard !through.isParent else { return nil }
        let what = Words("\(name) stands in for the unit above", "\(name)暂代上级")
        return Finding(.lineStandIn, what + (line.failure.map { Words(": ", "：") + $0.words } ?? Words(name: "")))
    }

    /// What a failure of the line comes to, by its stable code.
    static func kind(of failure: UplinkFailure) -> FindingKind {
        // A certificate that is no node's is somebody's on the way. Behind one that is, the node above itself answers.
        if failure.code == "link.tls", failure.refusal.map(CertificateProblem.ofNoNode.contains) == true {
            return .linePortal
        }
        return switch failure.refusal ?? failure.code {
        case "unit.notAbove", "trust.notBelow", "trust.peer.other": .lineOutOfPlace
        case "link.notTerrace": .linePortal
        case "link.unreachable", "link.stalled", "link.closed", "link.cutOff", "link.failed": .lineDown
        case let code where ["replica.", "node.", "clock."].contains { code.hasPrefix($0) } && failure.refusal == nil:
            .lineOwnTrouble
        default: .lineRefused
        }
    }
}
