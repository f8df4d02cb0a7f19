import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// A disk that changes a bit of a journal, and what those who run the machine do: they have everything looked through
/// and what is damaged taken out, as a serving node does at night, and the neighbours bring it again.
extension Simulation {
    /// - Returns: false where nothing reads otherwise.
    @discardableResult
    func rot(_ name: String) throws -> Bool {
        dropLines(of: name)
        // Who opens without an anchor is asked what has been left behind, which nobody can read in a bad file.
        guard network.hasAnchor(name) else { return false }
        // Where units below rely on a backup of another name, nobody could restore it here.
        let backup = elsewhere[name]
        guard try backup == nil || backup?.manifest.node == network.node(name).name.ordinal else { return false }
        let before = try network.journal(of: name)
        try network.node(name).replica.close()
        // What only the root has written, nobody could bring to it again.
        let isBad = try network.rot(name, foreignOnly: name == network.root, &random)
        // Nothing of the casework keeps a node from being opened.
        try network.reopen(name)
        guard isBad else { return false }
        tally.add(.rotten)
        rotten.insert(name)
        network.impairedOnPurpose.insert(name)
        let found = try scrub(name)
        if found.isEmpty { fail("file: a scrub of \(name) does not see what its disk has changed") }
        try network.node(name).takeOutDamage(now: network.time(at: name))
        // Units below may have let go what is in that backup and with no neighbour.
        if let backup, try isTakenForGood(from: name, before) { try restore(.made(backup)) }
        try noteTaken(from: name, since: before)
        let left = Set(try network.journal(of: name).rows.map(\.leaf))
        for row in before.rows where !left.contains(row.leaf) {
            rotted[name, default: [:]][row.place, default: []].insert(row.leaf)
        }
        return true
    }

    private func scrub(_ name: String) throws -> [Damage] {
        let now = network.time(at: name)
        return try network.node(name).scrub(now: { now }, progress: { _ in }).found
    }

    /// Whether something that had come from others is with no neighbour, which could bring it again.
    private func isTakenForGood(from name: String, _ before: HeldJournal) throws -> Bool {
        var left = try network.journal(of: name).leaves
        for other in network.path(above: name) + network.children(of: name) where network.hasNode(other) {
            left.formUnion(try network.journal(of: other).leaves)
        }
        return before.rows.contains { row in
            row.counts && row.source != nil && row.place.feed == .casework && !left.contains(row.leaf)
        }
    }

    /// Judges make allowance for a machine as long as its file notes damage, be it that a backup or a copy of an
    /// impaired one was put back. What has come again is forgotten by the next scrub; what nobody else had stays noted.
    func scrubAgain() throws {
        for name in rotten.sorted() where network.hasNode(name) {
            network.impairedOnPurpose.remove(name)
            guard try network.notesDamage(name) else { continue }
            network.impairedOnPurpose.insert(name)
            guard try network.node(name).replica.read({ try $0.countOfTakenOut().all }) == 0 else { continue }
            let found = try scrub(name)
            if !found.isEmpty { fail("file: \(name) is damaged again: \(found.map(\.code))") }
            network.impairedOnPurpose.remove(name)
        }
    }

    /// Judges make allowance for a file that notes damage, and a node that notes it for good would be judged no more.
    /// When all has healed it notes only what it says is lost, or what the simulation has taken from it and nobody has;
    /// whether what somebody has had to come again, law 1 asks.
    func demandTrueDamage() throws {
        var all: Set<Digest32>?
        for name in network.impairedOnPurpose.sorted() where network.hasNode(name) {
            let noted = try network.node(name).replica.read { try $0.takenOut(limit: .max) }.filter { !$0.isLost }
            guard !noted.isEmpty else { continue }
            // To read all journals takes long, and mostly nobody notes any.
            let held =
                try all
                ?? network.names.reduce(into: []) { $0.formUnion(try network.journal(of: $1).leaves) }
            all = held
            for run in noted {
                guard let author = run.name.author, let feed = run.name.feed else { continue }
                for sequence in run.said.map(\.sequence) {
                    let place = Place(author: author, feed: feed, sequence: sequence)
                    let taken = rotted[name]?[place] ?? []
                    guard !taken.contains(where: { held.contains($0) || ledger.isExcused($0) }) else { continue }
                    fail("file: \(name) notes damage at \(place.short) that nobody has done")
                }
            }
        }
    }
}
