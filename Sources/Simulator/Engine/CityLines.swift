import Foundation
import Replica
import ServiceModel
import SyncNode

/// How exchanges go: the real ends say what they say, and the bytes take their time.
extension City {
    /// What a parent's disk takes to commit a batch, in milliseconds.
    private static let commitTime: Int64 = 12
    /// Threads of a parent that do the work of links (`LinkThreads`).
    private static let threads = 2

    /// An honest machine gives no other reason to end an exchange than that it lacks what the charter says, or that it
    /// has no power. Where it wants another greeting, which whoever lets it work knows (`isToGreetAgain`), that is none
    /// of either.
    func guarding(_ line: TimedLine, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            if case ReplicaError.storage = error, isPowerless(line.line) { return world.tally.add(.cutWrites) }
            world.fail("link: \(line.line.child) and \(line.line.parent): \(error)")
        }
    }

    private func isPowerless(_ line: SimulatedLine) -> Bool {
        [line.child, line.parent].contains { doomed[$0] != nil && network.isDown($0) }
    }

    // MARK: - The child's end

    /// As `UplinkExchange` does it: one piece is on its way at a time, and meanwhile what comes in is done.
    func workBelow(_ timed: TimedLine) throws {
        let line = timed.line
        while true {
            line.budgets.child = timed.window.budget.bytes
            if timed.isSendingUp || timed.window.isFull {
                try line.takeInBelow()
                timed.window.note(line.reports.child, at: ticks)
            }
            let before = line.waiting.up
            guard !timed.isSendingUp, timed.window.isFull ? line.flushBelow() : try line.workBelow() else { break }
            sendUp(timed, line.waiting.up - before)
            timed.window.note(line.reports.child, at: ticks)
        }
        timed.window.note(line.reports.child, at: ticks)
        if line.reports.child.newChangeSets != timed.known.child {
            timed.known.child = line.reports.child.newChangeSets
            try grew(line.child, from: line.parent)
        }
        if line.isFinished { try finish(timed) }
    }

    private func sendUp(_ timed: TimedLine, _ bytes: Int) {
        timed.isSendingUp = true
        let time = timed.quality.time(bytes, up: true)
        timed.wireUp.append((ticks, bytes))
        timed.lastUp = max(timed.lastUp, ticks + time + timed.quality.latency + timed.quality.delay(bytes, &lineChance))
        figures.note(bytes: bytes, up: true, tier: network.tier(of: timed.line.child))
        after(time, .sentUp(line: timed.id))
        queue.put(.cameUp(line: timed.id, bytes: bytes), at: timed.lastUp)
    }

    func sentUp(_ id: Int) throws {
        guard let timed = lines[id] else { return }
        timed.isSendingUp = false
        try workBelow(timed)
    }

    func cameDown(_ id: Int, _ bytes: Int) throws {
        guard let timed = lines[id] else { return }
        timed.wireDown.removeFirst()
        timed.moved = ticks
        try timed.line.carryDown(bytes)
        try workBelow(timed)
    }

    func tick(_ id: Int) throws {
        guard let timed = lines[id] else { return }
        timed.line.tick()
        try workBelow(timed)
        guard lines[id] != nil else { return }
        let quiet = max(1000, (timed.wait + 1) * 1000 - (ticks - timed.moved))
        after(quiet, .tick(line: id))
    }

    // MARK: - The parent's end

    func cameUp(_ id: Int, _ bytes: Int) throws {
        guard let timed = lines[id] else { return }
        timed.wireUp.removeFirst()
        timed.moved = ticks
        try timed.line.carryUp(bytes)
        planService(timed)
    }

    /// The parent's threads take the exchanges one after the other.
    private func planService(_ timed: TimedLine) {
        guard !timed.isServed else { return }
        timed.isServed = true
        let parent = timed.line.parent
        admissions[parent]?.began(timed.place, at: ticks)
        var threads = working[parent] ?? Array(repeating: 0, count: Self.threads)
        let free = threads.indices.min { threads[$0] < threads[$1] } ?? 0
        threads[free] = max(threads[free], ticks) + Self.commitTime
        working[parent] = threads
        queue.put(.serve(line: timed.id), at: threads[free])
    }

    func serve(_ id: Int) throws {
        guard let timed = lines[id] else { return }
        timed.isServed = false
        try workAbove(timed)
    }

    private func workAbove(_ timed: TimedLine) throws {
        let line = timed.line
        admissions[line.parent]?.moved(timed.place, at: ticks)
        while !timed.isSendingDown {
            line.budgets.parent = timed.budget.bytes
            let before = line.waiting.down, batches = line.reports.parent
            do {
                guard try line.workAbove() else { break }
            } catch let error where world.isToGreetAgain(error, line) {
                return lose(timed, isRefused: true)
            }
            let bytes = line.waiting.down - before
            timed.isSendingDown = true
            timed.wireDown.append((ticks, bytes))
            let time = timed.quality.time(bytes, up: false)
            timed.lastDown = max(
                timed.lastDown, ticks + time + timed.quality.latency + timed.quality.delay(bytes, &lineChance))
            let report = line.reports.parent
            if report.sentBatches > batches.sentBatches {
                timed.budget.took(time, isFull: report.fullBatches > batches.fullBatches)
            }
            figures.note(bytes: bytes, up: false, tier: network.tier(of: line.child))
            after(time, .sentDown(line: timed.id))
            queue.put(.cameDown(line: timed.id, bytes: bytes), at: timed.lastDown)
        }
        if line.reports.parent.newChangeSets != timed.known.parent {
            timed.known.parent = line.reports.parent.newChangeSets
            try grew(line.parent, from: line.child)
        }
        if line.isFinished { try finish(timed) }
    }

    func sentDown(_ id: Int) throws {
        guard let timed = lines[id] else { return }
        timed.isSendingDown = false
        try workAbove(timed)
    }

    // MARK: - Ends

    private func finish(_ timed: TimedLine) throws {
        guard lines[timed.id] != nil else { return }
        let child = timed.line.child
        try timed.line.close()
        remove(timed)
        guard var agent = agents[child] else { return }
        if timed.index == 0 { agent.choice.answered(0, at: ticks, random: random(1000)) }
        agent.memories[timed.index] = LineMemory(budget: timed.window.budget, isUncertain: timed.window.isUncertain)
        let pause = agent.backoff.pause(after: timed.line.wantsAnother ? .again : .good, random: random(1000))
        agent.hurry = ticks - timed.began < 10_000 ? agent.hurry + 1 : 0
        agent.settled = timed.moved
        try timed.line.noteCarriedOut(timed.wish)
        // The parent may have found out that it needs something back itself.
        if timed.line.reports.parent.comparison != nil { announce(timed.line.parent) }
        let returns = agent.choice.round(at: ticks).first != timed.index
        // Where there are too many to keep an exchange open for each, who was quiet waits for news without one.
        agent.isParked =
            timed.wait > 0 && !timed.line.wantsAnother && !timed.hasMissedNews && !returns
            && lines.count >= plan.mostLines
        agents[child] = agent
        if agent.hurry > 60 { world.fail("link: \(child) exchanges again and again with \(timed.line.parent)") }
        planDial(child, after: agent.isParked ? Self.longestPark + random(60_000) : pause)
    }

    /// How long a machine whose exchange was quiet waits at most before it looks whether all is well, in milliseconds.
    static let longestPark: Int64 = 4 * 3_600_000

    private func remove(_ timed: TimedLine) {
        lines[timed.id] = nil
        linesBelow[timed.line.parent]?.removeAll { $0 == timed.id }
        agents[timed.line.child]?.line = nil
        admissions[timed.line.parent]?.left(timed.place, at: ticks)
    }

    /// The line breaks at whatever byte is on it.
    /// - Parameter isRefused: the parent has ended the exchange, and takes nothing of it any more.
    func lose(_ timed: TimedLine, isRefused: Bool = false) {
        let child = timed.line.child
        if !isRefused { world.tally.add(.cuts) }
        if !isRefused, isOn.contains(timed.line.parent) { takeInRestAbove(timed) }
        if isOn.contains(child) { takeInRestBelow(timed) }
        let report = timed.line.reports.child
        timed.window.lost()
        remove(timed)
        figures.noteLoss()
        guard var agent = agents[child] else { return }
        agent.memories[timed.index] = LineMemory(budget: timed.window.budget, isUncertain: timed.window.isUncertain)
        agent.kept = nil
        if timed.index == 0 { agent.choice.answered(0, at: ticks, random: random(1000)) }
        let hasMoved = report.receivedBatches + report.acknowledgements > 0
        let pause = agent.backoff.pause(after: .lost(hasMoved: hasMoved), random: random(1000))
        agents[child] = agent
        planDial(child, after: pause)
    }

    /// What of a piece had come through when the line broke is taken in, and done, before the parent notices.
    private func takeInRestAbove(_ timed: TimedLine) {
        guard let (start, bytes) = timed.wireUp.first else { return }
        let arrived = Int((ticks - start) * timed.quality.up / 1000)
        guarding(timed) {
            guard try timed.line.carryUp(min(bytes, arrived)) else { return }
            do {
                while try timed.line.workAbove() {}
            } catch let error where world.isToGreetAgain(error, timed.line) {
                return
            }
            if timed.line.reports.parent.newChangeSets != timed.known.parent {
                try grew(timed.line.parent, from: timed.line.child)
            }
        }
    }

    /// The same at the child.
    private func takeInRestBelow(_ timed: TimedLine) {
        guard let (start, bytes) = timed.wireDown.first else { return }
        let arrived = Int((ticks - start) * timed.quality.down / 1000)
        guarding(timed) {
            guard try timed.line.carryDown(min(bytes, arrived)) else { return }
            while try timed.line.workBelow() {}
            if timed.line.reports.child.newChangeSets != timed.known.child {
                try grew(timed.line.child, from: timed.line.parent)
            }
        }
    }

    /// All lines of a unit break, those to its children too.
    func loseLines(of name: String) {
        for id in lines.keys.sorted() {
            guard let timed = lines[id], timed.line.child == name || timed.line.parent == name else { continue }
            lose(timed)
        }
    }

    /// Lines that a cut in the net has gone through break.
    func loseSeveredLines() {
        for id in lines.keys.sorted() {
            guard let timed = lines[id], path(from: timed.line.child, to: timed.line.parent) != .open else { continue }
            lose(timed)
        }
    }

    /// Where too many exchanges are open, the one that was quiet for longest ends in good order.
    func makeRoomForLines() {
        guard lines.count > plan.mostLines else { return }
        let idle = lines.values.filter { $0.isIdle && $0.wait > 0 }.min { ($0.moved, $0.id) < ($1.moved, $1.id) }
        guard let idle else { return }
        idle.line.end()
        guarding(idle) { try workBelow(idle) }
    }

    // MARK: - News

    /// A node has something new: its lines are told, after a moment in which more may come.
    func announce(_ name: String) {
        guard newsDue.insert(name).inserted else { return }
        after(plan.newsPause, .news(name))
    }

    func tellNews(_ name: String) throws {
        newsDue.remove(name)
        guard network.hasNode(name), isOn.contains(name) else { return }
        if let id = agents[name]?.line, let timed = lines[id] {
            if !timed.line.news(atChild: true) { timed.hasMissedNews = true }
            if timed.index == 0, world.casesLeave, try network.node(name).isComparisonWished { timed.line.end() }
            try workBelow(timed)
        } else {
            wake(name)
        }
        let news = try network.node(name).replica.read { try $0.news(behind: told[name]) }
        told[name] = news.mark
        guard let concern = news.concern else { return }
        for id in linesBelow[name] ?? [] {
            guard let timed = lines[id], let unit = UnitCode(timed.line.child), concern.includes(unit) else { continue }
            if !timed.line.news(atChild: false) { timed.hasMissedNews = true }
            planService(timed)
        }
        for child in network.children(of: name) {
            guard let unit = UnitCode(child), concern.includes(unit) else { continue }
            wake(child)
        }
    }

    /// Who waits for news without an open exchange begins one.
    func wake(_ name: String) {
        guard agents[name]?.isParked == true, isOn.contains(name) else { return }
        agents[name]?.isParked = false
        renewLife(of: name)
        planDial(name, after: qualities[name]?.latency ?? 0)
    }
}
