import ChangeSet
import Foundation
import GRDB
import Replica
import SyncNode

/// Disks that change what they hold.
extension Simulation {
    /// Bytes of a run by which it is found in the file; they lie on one page.
    private static let mark = 24

    /// A bit of a run goes bad while the machine is off. Then it is scrubbed, and what is damaged taken out; the
    /// neighbours bring it again, unless nobody else had it.
    func rotSomeRun(_ chosen: String? = nil) throws {
        let name = chosen ?? random.pick(network.names)
        dropLines(of: name)
        let before = try network.journal(of: name).leaves
        try network[name].replica.close()
        guard let place = try somePlaceOfARun(at: name) else { return try network.reopen(name) }
        tally.add(.rot)
        let file = network.directory(name).replica.lastPathComponent
        try network.disk(name).rot(file, at: place, flips: 1 << UInt8(random.below(8)))
        try network.reopen(name)
        let found = try network[name].scrub(now: { network.time(at: name) }, progress: { _ in }).found
        if found.isEmpty { failures.append("scrub: \(name) does not find that its disk has changed a run") }
        try network[name].takeOutDamage(now: network.time(at: name))
        ledger.noteRolledBack(before.subtracting(try network.journal(of: name).leaves))
    }

    /// Where some sealed run of cases lies in a file that nobody has open.
    private func somePlaceOfARun(at name: String) throws -> Int? {
        let file = network.directory(name).replica
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        defer { try? queue.close() }
        let runs = try queue.read { db in
            try Data.fetchAll(
                db,
                sql: "SELECT packed FROM run WHERE feed = 2 AND packed IS NOT NULL AND length(packed) > ? ORDER BY id",
                arguments: [Self.mark])
        }
        guard !runs.isEmpty else { return nil }
        let mark = random.pick(runs).prefix(Self.mark), at = random.below(Self.mark)
        // A copy on a page that is free says nothing: it must be the only one.
        let data = try Data(contentsOf: file)
        guard let place = data.range(of: mark), data.range(of: mark, in: place.upperBound..<data.endIndex) == nil else {
            return nil
        }
        return place.lowerBound + at
    }
}
