import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A run as its rows have it. The disk may change any byte, and SQLite would not notice: nothing is folded or sent that
/// was not found to be what its author sealed or, while the run is open, what this node wrote.
struct StoredRun {
    /// Where a change set stands in the order of arrival.
    struct Standing {
        let position: Int64
        let rolling: Int64
    }

    /// What is held of it, by offset.
    let changeSets: [Int: PlacedChangeSet]
    let standings: [Int: Standing]
    /// As its rows give it; nil while it is open.
    let sealed: SealedRun?
    /// Of its seal, by its row.
    let digest: Digest32?
}

extension Transaction {
    /// The held change sets of a run, in order.
    /// - Throws: `ReplicaError.damagedRun`, `.damagedOpening`.
    func placed(inRun run: Int64) throws -> [PlacedChangeSet] {
        try storedRun(run).changeSets.sorted { $0.key < $1.key }.map(\.value)
    }

    /// A sealed run with what is held of it, as it may be sent; nil while it is open.
    /// - Throws: `ReplicaError.damagedRun`, `.damagedOpening`.
    func sealedRun(_ id: Int64) throws -> SealedRun? {
        guard let run = try storedRun(id).sealed else { return nil }
        guard try isSigned(run) else { throw noteDamage(ofRun: id) }
        return run
    }

    /// Whether its author's key signed the seal.
    func isSigned(_ run: SealedRun) throws -> Bool {
        guard let key = try knownAuthor(run.seal.author)?.sealKey else { return false }
        return run.seal.isSigned(run.signature, network: network, key: key)
    }

    /// A run that was held against the digest of its seal, or against the order of arrival while it is open.
    /// - Throws: `ReplicaError.damagedRun`, `.damagedOpening`.
    func storedRun(_ id: Int64) throws -> StoredRun {
        do {
            let run = try readRun(id)
            let isSound =
                try run.sealed.map { $0.seal.digest(network: network) == run.digest } ?? unsound(run).isEmpty
            guard isSound else { throw ReplicaError.damaged("run") }
            memory.runs.keep(run.changeSets, of: id)
            return run
        } catch ReplicaError.damaged {
            throw noteDamage(ofRun: id)
        }
    }

    /// The change set at an offset of a run whose bytes are packed.
    /// - Parameter size: of the change sets that the run holds by its row.
    /// - Throws: `ReplicaError.damagedRun`, `.damagedOpening`.
    func packed(_ offset: Int, inRun run: Int64, size: Int) throws -> PlacedChangeSet {
        let held = try memory.runs.changeSets(ofRun: run, size: size) ?? storedRun(run).changeSets
        guard let found = held[offset] else { throw noteDamage(ofRun: run) }
        return found
    }

    /// Whether a change set is the one that was written at a position, by the rolling digest there. Where the position
    /// before it was given up by an earlier program, or has no digest, nothing can be said against it.
    func stands(_ leaf: Digest32, at position: Int64, rolling: Int64) throws -> Bool {
        guard let before = try self.rolling(at: position - 1) else { return true }
        return leaf.rolling(behind: before) == UInt64(bitPattern: rolling)
    }

    /// The offsets of the change sets of a run that are not what was written at their positions.
    func unsound(_ run: StoredRun) throws -> Set<Int> {
        Set(
            try run.standings.filter { offset, standing in
                guard let leaf = run.changeSets[offset]?.leaf else { return true }
                return try !stands(leaf, at: standing.position, rolling: standing.rolling)
            }.keys)
    }

    /// Reads a run, and believes what its rows say as long as they can be read.
    /// - Throws: `ReplicaError.damaged`, `.damagedOpening`.
    func readRun(_ id: Int64) throws -> StoredRun {
        let find = try db.cachedStatement(
            sql: """
                SELECT author, feed, first, count, seed, packed, signature, seal, previous, pin_digest, digest
                FROM run WHERE id = ?
                """)
        guard let row = try Row.fetchOne(find, arguments: [id]) else { throw ReplicaError.damaged("run") }
        let held = try db.cachedStatement(
            sql: """
                SELECT journal.offset, salt, position, rolling, unpacked.bytes FROM journal
                LEFT JOIN unpacked USING (run, offset) WHERE journal.run = ?
                """)
        let rows = try Row.fetchAll(held, arguments: [id])
        let changeSets = try changeSets(rows, of: row)
        var standings: [Int: StoredRun.Standing] = [:]
        for row in rows {
            standings[try row[0]] = StoredRun.Standing(position: try row[2], rolling: try row[3])
        }
        guard let signature: Data = try row[6] else {
            return StoredRun(changeSets: changeSets, standings: standings, sealed: nil, digest: nil)
        }
        let (seal, pruned) = try seal(of: row, id: id, over: changeSets)
        let sealed = SealedRun(
            seal: seal, signature: signature, seed: try (row[4] as Data?).flatMap(Seed.init),
            present: changeSets.sorted { $0.key < $1.key }.map(\.value), pruned: pruned)
        return StoredRun(
            changeSets: changeSets, standings: standings, sealed: sealed, digest: try row.digest(10))
    }

    private func changeSets(_ rows: [Row], of run: Row) throws -> [Int: PlacedChangeSet] {
        let author = try author(id: run[0]).name
        let feed = try run.feed(1), first = try run.count(2)
        guard Limits.firstOfRun.contains(first) else { throw ReplicaError.damaged("run.first") }
        let seed: Data? = try run[4]
        let salting = seed.flatMap(Seed.init).map(Salting.init)
        guard (seed == nil) == (salting == nil) else { throw ReplicaError.damaged("run.seed") }
        let packed = try (run[5] as Data?).map { try PackedRun($0) }
        let isOpen = try run[6] as Data? == nil
        var out: [Int: PlacedChangeSet] = [:]
        for row in rows {
            let offset: Int = try row[0]
            let place = Place(author: author, feed: feed, sequence: first &+ UInt64(truncatingIfNeeded: offset))
            let salt: Data? = try row[1], unpacked: Data? = try row[4]
            let seeded = salting?.salt(sequence: place.sequence)
            guard salt == nil || seeded == nil || salt == seeded else { throw ReplicaError.damaged("journal.salt") }
            guard (0..<Limits.changeSetsPerRun).contains(offset), let salt = salt ?? seeded else {
                throw ReplicaError.damaged("journal.offset")
            }
            guard let bytes = packed?.changeSets[offset] ?? unpacked else {
                // One change set of an open run may be damaged without the others.
                guard isOpen else { throw ReplicaError.damaged("run.packed") }
                continue
            }
            out[offset] = PlacedChangeSet(place: place, salt: salt, bytes: bytes, network: network)
        }
        return out
    }

    /// The seal as the change sets and the hashes of what is absent give it.
    private func seal(
        of run: Row, id: Int64, over changeSets: [Int: PlacedChangeSet]
    ) throws -> (seal: Seal, pruned: [MerkleTree.Node: Digest32]) {
        let count: Int = try run[3]
        guard (1...Limits.changeSetsPerRun).contains(count), changeSets.keys.allSatisfy({ $0 < count }) else {
            throw ReplicaError.damaged("run.count")
        }
        var tree = MerkleTree(count: count)
        var pruned: [MerkleTree.Node: Digest32] = [:]
        let hashes = try db.cachedStatement(sql: "SELECT start, count, hash FROM run_hash WHERE run = ?")
        for row in try Row.fetchAll(hashes, arguments: [id]) {
            pruned[MerkleTree.Node(start: try row[0], count: try row[1])] = try row.digest(2)
        }
        guard Set(pruned.keys) == Set(tree.absentSubtrees(present: { changeSets[$0] != nil })) else {
            throw ReplicaError.damaged("run_hash")
        }
        // The seed opens every leaf of its run, so that only who holds the whole has it.
        guard try pruned.isEmpty || (run[4] as Data?) == nil else { throw ReplicaError.damaged("run.seed") }
        for (node, hash) in pruned { tree.set(hash, of: node) }
        for (offset, changeSet) in changeSets { tree.set(changeSet.leaf, at: offset) }
        guard let root = tree.root else { throw ReplicaError.damaged("run_hash") }
        let first = try run.count(2)
        let seal = Seal(
            author: try author(id: run[0]).name, feed: try run.feed(1), from: first, to: first + UInt64(count - 1),
            root: root, previous: try run.digest(8), pin: EntryDigest(try run.bytes16(9)), body: try run[7])
        return (seal, pruned)
    }
}

/// The runs that were read last, so that a record's change sets in one run are unpacked and checked once.
struct RunCache: Sendable {
    /// Each comes to 64 KiB and its digests at most.
    private static let most = 16

    private struct Held: Sendable {
        let size: Int
        let changeSets: [Int: PlacedChangeSet]
    }

    private var held: [Int64: Held] = [:]
    /// The one that was put in last stands last.
    private var order: [Int64] = []

    /// - Parameter size: of the change sets that the run is known to hold; one that has grown is read anew.
    func changeSets(ofRun id: Int64, size: Int) -> [Int: PlacedChangeSet]? {
        guard let found = held[id], found.size == size else { return nil }
        return found.changeSets
    }

    mutating func keep(_ changeSets: [Int: PlacedChangeSet], of id: Int64) {
        let size = changeSets.reduce(0) { $0 + $1.value.bytes.count }
        if held.updateValue(Held(size: size, changeSets: changeSets), forKey: id) == nil {
            order.append(id)
            if order.count > Self.most { held[order.removeFirst()] = nil }
        }
    }
}
