import ChangeSet
import Crypto
import Foundation
import GRDB
import ServiceModel

@testable import Replica

/// A small network of replicas in a temporary folder: C above K above T above V and W, and a branch B under C.
final class Town {
    static let units: [(String, String?, Int)] = [
        ("C", nil, 0), ("B", "C", 1), ("K", "C", 1), ("T", "K", 2), ("V", "T", 3), ("W", "T", 3),
    ]

    static let promise = Promise(
        item: "370100", itemName: "临时救助", version: 1, department: "民政局", itemKind: "05", statutory: nil,
        promised: TimeLimit(count: 5, unit: .workingDays), instant: false)

    let folder: URL
    private(set) var nodes: [String: Node] = [:]

    final class Node {
        let unit: UnitCode
        let replica: Replica
        let key: Curve25519.Signing.PrivateKey
        let author: AuthorID
        var time: Int64 = 1_790_000_000

        init(unit: UnitCode, replica: Replica, key: Curve25519.Signing.PrivateKey, author: AuthorID) {
            self.unit = unit
            self.replica = replica
            self.key = key
            self.author = author
        }
    }

    /// - Parameter founded: seconds since 1970.
    init(_ names: [String] = ["C", "B", "K", "T", "V", "W"], founded: Int64 = 0) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let genesis = try SignedGenesis(
            network: "test", authority: Data("authority".utf8), root: UnitCode("C")!, rootName: "C",
            tiers: ["city", "county", "town", "village"], random: Data(count: 16), time: founded,
            sign: { _ in Data(count: 64) })
        for (index, name) in names.enumerated() {
            nodes[name] = try Self.node(name, index: index, genesis: genesis, folder: folder)
        }
        try self["C"].importUnits(
            Self.units.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: code == "B" ? .branch : .centre)
            })
        for name in names.dropFirst() { try exchange("C", name, times: 1) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    subscript(_ name: String) -> Node {
        guard let node = nodes[name] else { preconditionFailure("no node \(name)") }
        return node
    }

    /// The same node under another author.
    func replace(_ name: String, author: AuthorID) {
        let node = self[name]
        nodes[name] = Node(unit: node.unit, replica: node.replica, key: node.key, author: author)
    }

    /// The same file, with nothing of it in memory.
    func reopen(_ name: String, rules: CaseRules = .version1, program: String = ProgramVersion.current) throws {
        let node = self[name]
        try node.replica.close()
        let path = folder.appending(path: "\(name).sqlite").path
        let replica = try Replica(path: path, rules: rules, program: program)
        nodes[name] = Node(unit: node.unit, replica: replica, key: node.key, author: node.author)
    }

    /// Changes a node's file behind its back, as the disk would.
    func change(_ name: String, _ sql: String) throws {
        let file = try DatabaseQueue(path: folder.appending(path: "\(name).sqlite").path)
        try file.inDatabase {
            try $0.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        }
        try file.close()
        try reopen(name)
    }

    private static func node(_ name: String, index: Int, genesis: SignedGenesis, folder: URL) throws -> Node {
        let unit = UnitCode(name)!
        let replica = try Replica(path: folder.appending(path: "\(name).sqlite").path, creates: true)
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: Data(repeating: UInt8(index + 1), count: 32))
        let opening = try SignedOpening(
            Opening(
                unit: unit, node: 1, random: Data(repeating: UInt8(index), count: 8), certificates: [],
                sealKey: key.publicKey.rawRepresentation, earlier: nil, earlierHeads: [], depth: 0),
            sign: { _ in Data(count: 64) })
        try replica.write { transaction in
            try transaction.establish(genesis: genesis, unit: unit, ordinal: 1, incarnation: UInt64(index + 1))
            try transaction.introduce(opening)
            try transaction.write(as: opening.author.id)
        }
        return Node(unit: unit, replica: replica, key: key, author: opening.author.id)
    }

    /// A second machine with a copy of everything that a node has.
    func fork(_ name: String, as copy: String) throws {
        let node = self[name]
        let original = folder.appending(path: "\(name).sqlite").path
        let file = folder.appending(path: "\(copy).sqlite").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: original + suffix) {
            try FileManager.default.copyItem(atPath: original + suffix, toPath: file + suffix)
        }
        nodes[copy] = Node(unit: node.unit, replica: try Replica(path: file), key: node.key, author: node.author)
    }

    /// Sends everything that `from` has for `to`, in batches of `budget` bytes; `isBelow` when `to` is the child.
    @discardableResult
    func send(
        _ from: String, _ to: String, isBelow: Bool, budget: Int = 1 << 18, most: Int = .max,
        feeds: [Feed] = Feed.allCases
    ) throws -> Int {
        let sender = self[from], receiver = self[to]
        try sender.seal()
        let peerOfSender = try sender.replica.write { try $0.meet(unit: receiver.unit, node: 1, incarnation: 1) }
        let peerOfReceiver = try receiver.replica.write { try $0.meet(unit: sender.unit, node: 1, incarnation: 1) }
        var taken = 0
        for feed in feeds {
            var batches = 0
            while batches < most {
                let cursor = try receiver.replica.read {
                    feed == .charter ? $0.charterCursor() : try $0.cursors(peerOfReceiver, feed).received
                }
                let batch = try sender.replica.write { transaction -> OutgoingBatch? in
                    let confirmed =
                        feed == .charter ? cursor : try transaction.keep(sent: cursor, to: peerOfSender, feed)
                    let addressee = Addressee(peer: peerOfSender, isBelow: isBelow, confirmed: [feed: confirmed])
                    return feed == .charter
                        ? try transaction.outgoingCharter(to: addressee, after: cursor, budget: budget)
                        : try transaction.outgoing(feed, to: addressee, from: confirmed, budget: budget)
                }
                guard let batch else { break }
                batches += 1
                // What is applied is what went over the wire.
                let bytes: Data = try batch.batch.serializedBytes()
                let result = try receiver.replica.write {
                    try $0.apply(
                        WireBatch(serializedBytes: bytes), from: peerOfReceiver, now: receiver.time, check: { _ in })
                }
                if case .applied(let new, _) = result { taken += new }
                if feed == .charter { break }
            }
        }
        return taken
    }

    func exchange(_ parent: String, _ child: String, times: Int = 1, budget: Int = 1 << 18) throws {
        for _ in 0..<times {
            try send(child, parent, isBelow: false, budget: budget)
            try send(parent, child, isBelow: true, budget: budget)
        }
    }

    /// Lets everything flow up and down the tree until nothing moves.
    func settle() throws {
        let links = Self.units.compactMap { code, parent, _ in
            parent.flatMap { nodes[$0] != nil && nodes[code] != nil ? ($0, code) : nil }
        }
        for _ in 0..<6 {
            for (parent, child) in links.reversed() { try send(child, parent, isBelow: false) }
            for (parent, child) in links { try send(parent, child, isBelow: true) }
        }
    }
}

extension Town.Node {
    func seal() throws {
        try replica.write { transaction in
            try transaction.seal(
                author, key: key, quoted: try transaction.quotedAcknowledgement(), time: time)
        }
    }

    func seed(_ salt: UInt8 = 0) -> Seed { Seed(Data((0..<16).map { $0 ^ salt }))! }

    func importUnits(_ units: [UnitEntry]) throws {
        try enter(
            .units(
                .with {
                    $0.units = units.map(WireUnit.init)
                    $0.last = true
                }))
    }

    /// Writes a charter entry.
    func enter(_ change: WireCharterEntry.OneOf_Change) throws {
        try replica.write { try enter(change, in: $0) }
    }

    func enter(_ change: WireCharterEntry.OneOf_Change, in transaction: Transaction) throws {
        let pin = transaction.pin
        let body = WireCharterEntry(number: pin.number + 1, previous: pin.digest, change: change)
        let changeSet = ChangeSet(
            kind: .charterEntry, record: .created, parents: [], time: time, body: try body.serializedBytes())
        _ = try transaction.append([try changeSet.bytes], by: author, in: .charter, seed: seed())
    }

    /// Accepts a case and gives back where it was created.
    @discardableResult
    func accept(
        _ name: String, route: [String] = [], number: Int = 1, day: Int32 = 20_000, promise: Promise = Town.promise,
        channel: Channel = .counter
    ) throws -> Place {
        try replica.write {
            try accept(name, route: route, number: number, day: day, promise: promise, channel: channel, in: $0)
        }
    }

    @discardableResult
    func accept(
        _ name: String, route: [String] = [], number: Int, day: Int32 = 20_000, promise: Promise = Town.promise,
        channel: Channel = .counter, in transaction: Transaction
    ) throws -> Place {
        let place = try transaction.nextPlace(of: author, in: .casework)
        var body = CaseBody(day: day)
        body.receipt = "\(unit)-\(number)"
        body.promise = promise
        body.writes = [
            .init(field: CaseField.applicantName, value: name),
            .init(field: CaseField.applicantPhone, value: "13900000000"),
        ]
        var changeSet = ChangeSet(
            kind: CaseAction.accept.kind, record: .created, parents: [], time: time, body: try body.bytes)
        changeSet.route = route.map { UnitCode($0)! }
        changeSet.channel = channel
        changeSet.actor = "c01"
        _ = try transaction.append(
            [try changeSet.bytes], by: author, in: .casework, seed: seed(UInt8(number & 0xff)))
        return place
    }

    /// Acts on a case as it stands here.
    func act(
        _ action: CaseAction, on creation: Place, day: Int32 = 20_001, target: String? = nil,
        writes: [String: String] = [:], admits: [Leaf] = [], declines: [Leaf] = [],
        change: (inout ChangeSet) -> Void = { _ in }
    ) throws {
        try replica.write { transaction in
            guard let row = try transaction.record(created: creation) else { throw ReplicaError.absent("case") }
            let record = try transaction.caseRecord(row)
            let place = try transaction.nextPlace(of: author, in: .casework)
            func link(_ leaf: Leaf) -> ChangeSet.Link {
                ChangeSet.Link(to: record.history.entry(leaf)!.placed.place, leaf: leaf, from: place)
            }
            var body = CaseBody(day: day)
            body.writes = writes.sorted { $0.key < $1.key }.map { .init(field: $0.key, value: $0.value) }
            var changeSet = ChangeSet(
                kind: action.kind,
                record: creation.author == author
                    ? .back(place.sequence - creation.sequence)
                    : .foreign(creation.author, sequence: creation.sequence),
                parents: record.heads.map { ChangeSet.Link(to: $0.place, leaf: $0.leaf, from: place) }, time: time,
                body: try body.bytes)
            changeSet.target = target.flatMap { UnitCode($0) }
            changeSet.admits = admits.map(link)
            changeSet.declines = declines.map(link)
            changeSet.actor = "c02"
            change(&changeSet)
            _ = try transaction.append([try changeSet.bytes], by: author, in: .casework, seed: seed())
        }
    }

    func record(_ creation: Place) throws -> CaseRecord {
        try replica.read { transaction in
            guard let row = try transaction.record(created: creation) else { throw ReplicaError.absent("case") }
            return try transaction.caseRecord(row)
        }
    }

    func fingerprint(_ unit: String) throws -> UnitFingerprint {
        try replica.read { try $0.fingerprint(of: UnitCode(unit)!) }
    }

    /// How many change sets are held.
    func rows() throws -> Int64 {
        try replica.read { try Int64.fetchOne($0.db, sql: "SELECT count(*) FROM journal") ?? 0 }
    }
}
