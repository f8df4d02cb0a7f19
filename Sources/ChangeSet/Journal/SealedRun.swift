import Crypto
import Foundation
import ServiceModel

/// A change set in its place, as it travels and is kept: the bytes are those that its author wrote.
package struct PlacedChangeSet: Hashable, Sendable {
    package let place: Place
    package let salt: Data
    package let bytes: Data
    package let leaf: Digest32

    package init(place: Place, salt: Data, bytes: Data, network: Digest32) {
        self.place = place
        self.salt = salt
        self.bytes = bytes
        leaf = Digest32(leafOf: bytes, at: place, salt: salt, network: network)
    }
}

/// A closed part of an author's journal under one seal, whole or with some of its change sets only.
package struct SealedRun: Hashable, Sendable {
    package let seal: Seal
    package let signature: Data
    /// Held only by who may hold the whole run.
    package let seed: Seed?
    /// In ascending order of sequence.
    package let present: [PlacedChangeSet]
    /// The maximal subtrees without a present change set.
    package let pruned: [MerkleTree.Node: Digest32]

    package var count: Int { Int(seal.to - seal.from) + 1 }
    package var isWhole: Bool { present.count == count }

    package init(
        seal: Seal, signature: Data, seed: Seed?, present: [PlacedChangeSet], pruned: [MerkleTree.Node: Digest32]
    ) {
        self.seal = seal
        self.signature = signature
        self.seed = seed
        self.present = present
        self.pruned = pruned
    }

    /// Closes a run of the own journal.
    /// - Throws: whatever the key throws; a software key does not.
    package init(
        sealing changeSets: [PlacedChangeSet], seed: Seed, previous: Digest32, pin: EntryDigest, body: WireSealBody,
        network: Digest32, key: Curve25519.Signing.PrivateKey
    ) throws {
        precondition(!changeSets.isEmpty && changeSets.count <= Limits.changeSetsPerRun)
        let first = changeSets[0].place
        guard let root = MerkleTree(leaves: changeSets.map(\.leaf)).root else { preconditionFailure("a whole tree") }
        let seal = Seal(
            author: first.author, feed: first.feed, from: first.sequence,
            to: first.sequence + UInt64(changeSets.count - 1), root: root, previous: previous, pin: pin,
            body: try body.serializedData())
        self.init(
            seal: seal, signature: try seal.signature(network: network, key: key), seed: seed, present: changeSets,
            pruned: [:])
    }

    /// The same run with only the change sets at these sequences, for a receiver who may see no more.
    package func pruned(to sequences: Set<UInt64>) -> SealedRun {
        let kept = present.filter { sequences.contains($0.place.sequence) }
        guard kept.count < count else { return self }
        let tree = self.tree
        let offsets = Set(kept.map { Int($0.place.sequence - seal.from) })
        var hashes: [MerkleTree.Node: Digest32] = [:]
        for node in tree.absentSubtrees(present: offsets.contains) {
            guard let hash = tree.hash(of: node) else { preconditionFailure("a verified run closes its tree") }
            hashes[node] = hash
        }
        return SealedRun(seal: seal, signature: signature, seed: nil, present: kept, pruned: hashes)
    }

    /// Both parts of one run; finer hashes take the place of coarser ones.
    /// - Precondition: the two carry the same seal.
    package func merged(with other: SealedRun) -> SealedRun {
        precondition(seal == other.seal)
        var all: [UInt64: PlacedChangeSet] = [:]
        for changeSet in present + other.present { all[changeSet.place.sequence] = changeSet }
        let union = all.values.sorted { $0.place.sequence < $1.place.sequence }
        var tree = MerkleTree(count: count)
        for (node, hash) in pruned.merging(other.pruned, uniquingKeysWith: { a, _ in a }) { tree.set(hash, of: node) }
        for changeSet in union { tree.set(changeSet.leaf, at: Int(changeSet.place.sequence - seal.from)) }
        var hashes: [MerkleTree.Node: Digest32] = [:]
        for node in tree.absentSubtrees(present: { all[seal.from + UInt64($0)] != nil }) {
            guard let hash = tree.hash(of: node) else { preconditionFailure("two verified parts close the tree") }
            hashes[node] = hash
        }
        return SealedRun(
            seal: seal, signature: signature, seed: union.count == count ? seed ?? other.seed : nil, present: union,
            pruned: hashes)
    }

    private var tree: MerkleTree {
        var tree = MerkleTree(count: count)
        for (node, hash) in pruned { tree.set(hash, of: node) }
        for changeSet in present { tree.set(changeSet.leaf, at: Int(changeSet.place.sequence - seal.from)) }
        return tree
    }
}

// MARK: - On the wire

extension SealedRun {
    /// - Parameters:
    ///   - author: false when the run before in the batch has the same one.
    ///   - previous: false when the receiver holds the run before under the present cursor.
    ///   - pin: false when, besides, that run has the same pin.
    package func wire(author: Bool, previous: Bool, pin: Bool) -> WireRun {
        var out = WireRun()
        if author { out.author = seal.author.value.data }
        out.from = seal.from
        out.count = UInt32(count)
        out.seal = seal.body
        out.signature = signature
        if isWhole, let seed {
            out.seed = seed.data
        } else {
            out.salts = present.reduce(into: Data()) { $0.append($1.salt) }
        }
        if !isWhole {
            var bitmap = Data(count: (count + 7) / 8)
            for changeSet in present {
                let offset = Int(changeSet.place.sequence - seal.from)
                bitmap[offset / 8] |= 1 << UInt8(offset % 8)
            }
            out.present = bitmap
            out.pruned = pruned.sorted { $0.key.start < $1.key.start }.reduce(into: Data()) { $0.append($1.value.data) }
        }
        out.changeSets = present.map(\.bytes)
        if previous { out.previous = seal.previous.data }
        if pin { out.pinDigest = seal.pin.value.data }
        return out
    }

    /// Reads a run and checks its seal.
    /// - Parameters:
    ///   - before: the seal digest and pin of the run that ends where this one begins, when it is held.
    /// - Throws: `WireError`.
    package init(
        wire: WireRun, author: AuthorID, feed: Feed, before: (seal: Digest32, pin: EntryDigest)?, network: Digest32,
        key: Curve25519.Signing.PublicKey
    ) throws {
        let count = Int(wire.count)
        guard count >= 1, Limits.firstOfRun.contains(wire.from) else {
            throw WireError.malformed("run bounds")
        }
        guard count <= Limits.changeSetsPerRun else { throw WireError.tooLarge("run") }
        guard wire.seal.count <= Limits.sealBodyBytes else { throw WireError.tooLarge("seal") }
        let offsets = try Self.offsets(wire, count: count)
        guard wire.changeSets.count == offsets.count else { throw WireError.malformed("run bitmap") }
        let salt = try Self.salts(wire, offsets: offsets)

        var size = 0
        var present: [PlacedChangeSet] = []
        present.reserveCapacity(offsets.count)
        for (index, offset) in offsets.enumerated() {
            size += wire.changeSets[index].count
            guard size <= Limits.bytesPerRun else { throw WireError.tooLarge("run") }
            let place = Place(author: author, feed: feed, sequence: wire.from + UInt64(offset))
            present.append(
                PlacedChangeSet(place: place, salt: salt(index, place), bytes: wire.changeSets[index], network: network)
            )
        }

        var tree = MerkleTree(count: count)
        for (index, offset) in offsets.enumerated() { tree.set(present[index].leaf, at: offset) }
        let held = Set(offsets)
        let absent = tree.absentSubtrees(present: held.contains)
        guard wire.pruned.count == absent.count * 32 else { throw WireError.tree }
        var pruned: [MerkleTree.Node: Digest32] = [:]
        for (index, node) in absent.enumerated() {
            guard let hash = Digest32(wire.pruned.dropFirst(index * 32).prefix(32)) else { throw WireError.tree }
            tree.set(hash, of: node)
            pruned[node] = hash
        }
        guard let root = tree.root else { throw WireError.tree }

        let previous = wire.previous.isEmpty ? before?.seal : Digest32(wire.previous)
        let pin =
            wire.pinDigest.isEmpty
            ? before?.pin : wire.pinDigest.count == 16 ? Bytes16(wire.pinDigest).map(EntryDigest.init) : nil
        guard let previous, let pin else { throw WireError.missingContext }
        let seal = Seal(
            author: author, feed: feed, from: wire.from, to: wire.from + UInt64(count - 1), root: root,
            previous: previous, pin: pin, body: wire.seal)
        guard seal.isSigned(wire.signature, network: network, key: key) else { throw WireError.seal }
        self.init(
            seal: seal, signature: wire.signature, seed: Seed(wire.seed), present: present, pruned: pruned)
    }

    private static func offsets(_ wire: WireRun, count: Int) throws -> [Int] {
        if wire.present.isEmpty { return Array(0..<count) }
        guard wire.present.count == (count + 7) / 8 else { throw WireError.malformed("run bitmap") }
        let bits = [UInt8](wire.present)
        guard (count..<bits.count * 8).allSatisfy({ bits[$0 / 8] & 1 << UInt8($0 % 8) == 0 }) else {
            throw WireError.malformed("run bitmap")
        }
        return (0..<count).filter { bits[$0 / 8] & 1 << UInt8($0 % 8) != 0 }
    }

    /// The seed opens every leaf of its run, so it is taken only with all of them.
    private static func salts(_ wire: WireRun, offsets: [Int]) throws -> (Int, Place) -> Data {
        if let seed = Seed(wire.seed) {
            guard wire.present.isEmpty, wire.salts.isEmpty else { throw WireError.malformed("run seed") }
            let salting = Salting(seed)
            return { _, place in salting.salt(sequence: place.sequence) }
        }
        guard wire.seed.isEmpty, wire.salts.count == offsets.count * 16 else { throw WireError.malformed("run salts") }
        let salts = Data(wire.salts)
        return { index, _ in salts.subdata(in: index * 16..<index * 16 + 16) }
    }
}
