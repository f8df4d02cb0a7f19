import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode
import SyncProtocol

/// What happens to lines.
extension Simulation {
    private func dialler() -> String? {
        let names = network.names.filter { name in
            name != network.root && network.path(above: name).contains(where: network.hasNode)
        }
        return names.isEmpty ? nil : random.pick(names)
    }

    /// One exchange from beginning to end, again as long as an end asks for it.
    func exchange(_ name: String) throws {
        var reports: [LinkReport] = []
        for _ in 0..<3 {
            let (mode, wish) = try network.node(name).linkMode(now: network.time(at: name))
            guard let line = try dial(name, mode: mode) else { return }
            try guarding(line) {
                try line.run()
                try line.close()
                try line.noteCarriedOut(wish)
            }
            guard line.wantsAnother, !isFailing(line) else { return }
            reports += [line.reports.child, line.reports.parent]
        }
        failures.append("link: \(name) asks for a fourth exchange, \(reports)")
    }

    func exchangeSomewhere() throws {
        if let name = dialler() { try exchange(name) }
    }

    /// An exchange that is cut off at any byte of either body.
    func cutExchange() throws {
        guard let name = dialler(), let line = try dial(name) else { return }
        tally.add(.cuts)
        var budget = random.one(in: 4) ? random.below(60) : random.below(4000)
        try guarding(line) {
            while budget > 0 {
                var moved = false
                while try line.workBelow() { moved = true }
                let before = line.carriedUp + line.carriedDown
                if try line.carryUp(min(budget, 1 + random.below(400))) { moved = true }
                if random.one(in: 2) { while try line.workAbove() { moved = true } }
                budget -= line.carriedUp + line.carriedDown - before
                if budget > 0, try line.carryDown(min(budget, 1 + random.below(400))) { moved = true }
                budget -= line.carriedUp + line.carriedDown - before
                if !moved { break }
            }
            // Whoever got a whole frame does what it says before it notices.
            while try line.workAbove() {}
            while try line.workBelow() {}
        }
    }

    /// Opens a line that stays open for news.
    func openLine() throws {
        guard lines.count < 5, let name = dialler(), let line = try dial(name, wait: 600) else { return }
        // Who dials again has given the former line up.
        for old in lines where old.child == name { abandon(old) }
        lines.append(line)
    }

    private func abandon(_ line: SimulatedLine) {
        guard !line.isAbandoned else { return }
        tally.add(.abandoned)
        line.abandon()
    }

    /// Something moves on some open line.
    func stepLines() throws {
        guard !lines.isEmpty else { return }
        let line = random.pick(lines)
        let choice = random.below(12), most = random.one(in: 3) ? Int.max : 1 + random.below(600)
        try guarding(line) {
            switch choice {
            case 0: line.news(atChild: true)
            case 1: line.news(atChild: false)
            case 2: line.tick()
            case 3...5: _ = try line.workBelow()
            case 6, 7: _ = try line.carryUp(most)
            case 8, 9: _ = try line.workAbove()
            default: _ = try line.carryDown(most)
            }
        }
        if line.isFinished || (random.one(in: 20)) { lines.removeAll { $0 === line } }
    }

    func runSomeLine() throws {
        guard !lines.isEmpty else { return }
        let line = random.pick(lines)
        try guarding(line) {
            line.news(atChild: true)
            line.news(atChild: false)
            try line.run()
            if random.one(in: 3), !line.isAbandoned {
                line.end()
                try line.run()
            }
        }
        if line.isFinished { lines.removeAll { $0 === line } }
    }

    func hangUpSomewhere() {
        let open = lines.filter { !$0.isAbandoned }
        if !open.isEmpty { abandon(random.pick(open)) }
    }

    func duplicateExchange() throws {
        if let name = dialler() { try duplicate(name) }
    }

    /// A whole request arrives once more.
    func duplicate(_ name: String) throws {
        guard let line = try dial(name, keepsRequest: true) else { return }
        tally.add(.duplicates)
        try guarding(line) { try line.run() }
        let upper = line.parent
        var again = try ParentLink(network.node(upper), from: network.node(name).name)
        try guarding(line) {
            try again.take(line.request, now: network.time(at: upper))
            do {
                while try again.next(now: network.time(at: upper)) != nil {}
            } catch ExchangeProblem.cutOff where !believesClaims(upper) {
                // It does not believe now what it may have believed the first time.
            }
        }
    }

    // MARK: -

    /// nil when either end does not take the other.
    private func dial(
        _ name: String, wait: Int64 = 0, mode: LinkMode = .usual, keepsRequest: Bool = false
    ) throws -> SimulatedLine? {
        // Who does not know yet who its parent's machine is by now hears of it from one above.
        for upper in network.path(above: name) where network.hasNode(upper) {
            do {
                tally.add(.exchanges)
                return try SimulatedLine(
                    network, from: name, to: upper, wait: wait, mode: mode, keepsRequest: keepsRequest)
            } catch is LineProblem {
                continue
            }
        }
        return nil
    }

    /// An honest machine gives no other reason to end an exchange than that it lacks what the charter says, that its
    /// disk takes nothing or has changed something, or that it has just heard from below that it was set back.
    private func guarding(_ line: SimulatedLine, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            lines.removeAll { $0 === line }
            if isOfDisks(error, line) || isToGreetAgain(error, line) { return }
            failures.append("link: \(line.child) and \(line.parent): \(error)")
        }
        tally.add(.refusals, 0)
    }

    /// What is said when a disk takes nothing is that; who has no power says nothing at all.
    private func isOfDisks(_ error: any Error, _ line: SimulatedLine) -> Bool {
        switch error {
        case ReplicaError.storage: isFailing(line)
        case ExchangeProblem.cutOff: network.isDown(line.child) || network.isDown(line.parent)
        default: false
        }
    }

    /// The parent has ended the exchange, and is to be greeted again. Nobody below is believed twice within an hour
    /// that a machine was set back; an exchange that only did not come to its end meanwhile is none of that. And what a
    /// disk has changed, and is taken out, begins another life of the database, which the child has not greeted yet.
    func isToGreetAgain(_ error: any Error, _ line: SimulatedLine) -> Bool {
        guard error as? ExchangeProblem == .cutOff else { return false }
        return line.isRefused && !believesClaims(line.parent) || (try? line.hasParentBegunAnew) == true
    }

    func believesClaims(_ name: String) -> Bool {
        let now = network.time(at: name).seconds
        return (try? network.node(name).replica.read { try $0.believesClaims(at: now) }) ?? true
    }

    private func isFailing(_ line: SimulatedLine) -> Bool {
        network.disk(line.child).isFailing || network.disk(line.parent).isFailing
    }

    func dropLines(of name: String) {
        lines.removeAll { $0.child == name || $0.parent == name }
    }
}
