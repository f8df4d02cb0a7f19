import ChangeSet
import Foundation
import ServiceModel
import SyncNode

/// How machines dial: which uplink, when, and when again.
extension City {
    /// Whom a unit's machine is set up to dial: its parent, and then the units above it.
    func uplinks(of name: String) -> [String] { network.path(above: name) }

    private func lineage(of name: String) -> [String] { [name] + network.path(above: name) }

    func isAlive(_ name: String, life: Int) -> Bool {
        isOn.contains(name) && network.hasNode(name) && agents[name]?.life == life
    }

    /// What was planned for a unit's uplink is void.
    func renewLife(of name: String) {
        agents[name]?.life += 1
        agents[name]?.round = []
        agents[name]?.dialling = nil
        agents[name]?.isParked = false
        agents[name]?.hurry = 0
    }

    func planDial(_ name: String, after milliseconds: Int64) {
        guard let agent = agents[name], network.parent(of: name) != nil else { return }
        after(milliseconds, .dial(name, life: agent.life))
    }

    func dial(_ name: String, _ life: Int) throws {
        guard isAlive(name, life: life), var agent = agents[name], agent.line == nil, agent.dialling == nil else {
            return
        }
        // A unit that was moved may have more or fewer above it than before.
        let count = uplinks(of: name).count
        while agent.memories.count < count { agent.memories.append(LineMemory()) }
        agent.isParked = false
        agent.round = agent.choice.round(at: ticks)
        agents[name] = agent
        try tryNext(name)
    }

    private func tryNext(_ name: String) throws {
        guard var agent = agents[name] else { return }
        let above = uplinks(of: name)
        while let index = agent.round.first, index >= above.count { agent.round.removeFirst() }
        guard let index = agent.round.first else {
            agent.choice.failed(at: ticks)
            agent.dialling = nil
            let pause = agent.backoff.pause(after: .failed, random: random(1000))
            agents[name] = agent
            figures.noteDial(failed: true)
            planDial(name, after: pause)
            return
        }
        agent.round.removeFirst()
        agent.dialling = index
        defer { agents[name] = agent }
        switch path(from: name, to: above[index]) {
        case .open:
            let time = agent.kept == index ? 0 : qualities[name]?.handshake(&lineChance) ?? 0
            after(time, .reached(name, life: agent.life, index: index))
        case .closed(let time):
            agent.kept = nil
            after(time, .unreached(name, life: agent.life))
        case .portal(let time):
            agent.kept = nil
            try meetPortal(name, inPlaceOf: above[index])
            after(time, .unreached(name, life: agent.life))
        }
    }

    private static let portalsPage = Data(
        "HTTP/1.1 302 Found\r\nContent-Type: text/html\r\n\r\n<html><body>请先登录 / log in</body></html>".utf8)

    /// What a portal shows is neither a certificate of this network nor frames of an exchange, and is taken for
    /// neither.
    private func meetPortal(_ name: String, inPlaceOf upper: String) throws {
        world.tally.add(.portals)
        let node = try network.node(name), now = network.time(at: name)
        let verdict = node.judge(presented: [Array(Self.portalsPage)], role: .server(expected: nil), now: now)
        guard case .refused = verdict else { return world.fail("link: \(name) takes a portal for \(upper)") }
        var link = try ChildLink(node, to: network.node(upper).name, wait: 0, now: now)
        do {
            try link.take(Self.portalsPage, now: now)
            world.fail("link: \(name) reads a portal's page as frames")
        } catch is WireError {
            // As it should be.
        }
    }

    func path(from lower: String, to upper: String) -> Weather.Path {
        if weather.isOut(lower) { return .closed(after: 50) }
        guard network.hasNode(upper), isOn.contains(upper) else { return .closed(after: 10_000) }
        return weather.path(lineage(of: lower), lineage(of: upper))
    }

    func unreached(_ name: String, _ life: Int) throws {
        guard isAlive(name, life: life), agents[name]?.dialling != nil else { return }
        agents[name]?.dialling = nil
        try tryNext(name)
    }

    func reached(_ name: String, _ life: Int, _ index: Int) throws {
        guard isAlive(name, life: life), var agent = agents[name], agent.dialling == index else { return }
        agent.dialling = nil
        let above = uplinks(of: name)
        guard index < above.count, path(from: name, to: above[index]) == .open else {
            agents[name] = agent
            return try tryNext(name)
        }
        let upper = above[index]
        let (mode, wish) = index == 0 ? try network.node(name).linkMode(now: network.time(at: name)) : (.usual, nil)
        let verdict = try admissions[upper]?.arrive(network.node(name).name, at: ticks, random: random(1000))
        guard case .admitted(let place)? = verdict else {
            if case .busy(let pause)? = verdict {
                figures.noteBusy()
                if index == 0 { agent.choice.answered(0, at: ticks, random: random(1000)) }
                let milliseconds = agent.backoff.pause(after: .busy(pause), random: random(1000))
                agents[name] = agent
                planDial(name, after: milliseconds)
            }
            return
        }
        let wait = mode == .usual ? plan.wait : 0
        do {
            let line = try SimulatedLine(
                network, from: name, to: upper, wait: wait, mode: mode,
                over: agent.kept == index ? agent.verified : nil)
            nextLine += 1
            let timed = TimedLine(
                id: nextLine, line: line, index: index, quality: quality(of: name), began: ticks, wait: wait,
                wish: wish, place: place, memory: agent.memories[index])
            lines[nextLine] = timed
            linesBelow[upper, default: []].append(nextLine)
            agent.line = nextLine
            agent.kept = index
            agent.verified = line.verified
            agent.round = []
            if index > 0 { agent.choice.answered(index, at: ticks, random: random(1000)) }
            agents[name] = agent
            world.tally.add(.exchanges)
            figures.noteDial(failed: false)
            if index > 0 {
                tell("stand-in", [name, upper])
                planLook(name)
            }
            if wait > 0 { after((wait + 1) * 1000, .tick(line: nextLine)) }
            try workBelow(timed)
            makeRoomForLines()
        } catch let problem as LineProblem {
            admissions[upper]?.left(place, at: ticks)
            tell("refused", [name, upper], "\(problem)")
            world.tally.add(.refusals)
            agent.kept = nil
            agents[name] = agent
            try tryNext(name)
        }
    }

    private func quality(of name: String) -> LineQuality {
        guard let quality = qualities[name] else { preconditionFailure("no line of \(name)") }
        return quality
    }

    // MARK: - Coming back

    private func planLook(_ name: String) {
        guard let agent = agents[name], let due = agent.choice.lookDue else { return }
        queue.put(.look(name, life: agent.life), at: max(ticks, due))
    }

    /// Whether an uplink that is better than the present one is back; then the exchange with the stand-in ends.
    func look(_ name: String, _ life: Int) {
        guard isAlive(name, life: life), var agent = agents[name], let id = agent.line, let line = lines[id],
            line.index > 0, let due = agent.choice.lookDue
        else { return }
        guard due <= ticks else { return planLook(name) }
        let above = uplinks(of: name)
        let found = (0..<min(agent.choice.current, above.count)).first { path(from: name, to: above[$0]) == .open }
        agent.choice.looked(found: found, at: ticks, random: random(1000))
        agents[name] = agent
        guard found != nil else { return planLook(name) }
        line.line.end()
        guarding(line) { try workBelow(line) }
    }
}
