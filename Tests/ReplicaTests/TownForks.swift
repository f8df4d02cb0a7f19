import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// What two machines of one copied disk bring each other by way of a third.
extension Town {
    /// The sealed runs of casework that a node holds of an author, in order.
    func runs(of author: AuthorID, at name: String) throws -> [SealedRun] {
        try self[name].replica.read { transaction in
            try Int64.fetchAll(
                transaction.db,
                sql: """
                    SELECT run.id FROM run JOIN author ON author.id = run.author
                    WHERE name = ? AND feed = 2 AND signature IS NOT NULL ORDER BY first, run.id
                    """, arguments: [author.value.data]
            ).compactMap { try transaction.sealedRun($0) }
        }
    }

    /// Brings a node some of the sealed runs that the machine of another one has written.
    /// - Parameters:
    ///   - first: where the run begins that is brought; nil for all.
    ///   - neighbour: who hands them over.
    func bring(from name: String, to receiver: String, _ first: UInt64? = nil, by neighbour: String = "V") throws {
        let author = self[name].author, node = self[receiver]
        let opening = try self[name].replica.read { try $0.opening(of: author)?.bytes }
        let peer = try node.replica.write { try $0.meet(unit: UnitCode(neighbour)!, node: 1, incarnation: 1) }
        for run in try runs(of: author, at: name) where first == nil || run.seal.from == first {
            var batch = WireBatch()
            batch.feed = UInt32(Feed.casework.rawValue)
            batch.openings = [try #require(opening)]
            batch.runs = [run.wire(author: true, previous: true, pin: true)]
            _ = try node.replica.write { try $0.apply(batch, from: peer, now: node.time, check: { _ in }) }
        }
    }

    /// The node goes on as the next author, and leaves what it has not sealed behind.
    func goOn(_ name: String) throws {
        let node = self[name]
        let opening = try node.replica.write { transaction in
            let opening = try SignedOpening(
                Opening(
                    unit: node.unit, node: 1, random: Data(count: 8), certificates: [],
                    sealKey: node.key.publicKey.rawRepresentation, earlier: node.author,
                    earlierHeads: try transaction.knownHeads(of: node.author), depth: 1),
                sign: { _ in Data(count: 64) })
            try transaction.introduce(opening)
            try transaction.write(as: opening.author.id)
            try transaction.renew(incarnation: 77)
            return opening
        }
        replace(name, author: opening.author.id)
    }

    /// How many change sets each of the node's cases has, by the applicant.
    func acts(at name: String) throws -> [String: Int] {
        try self[name].replica.read { transaction in
            let cases = try transaction.serviceCases(limit: 99).map {
                ($0.applicant, try transaction.history(of: $0.record).entries.count)
            }
            return Dictionary(cases) { $0 + $1 }
        }
    }

    /// Nothing that is derived differs from what a rebuild makes of the journal.
    func expectDerived(_ name: String, _ comment: String = "") throws {
        for table in try self[name].replica.rebuild(keeping: false) {
            #expect(table.isSame, "\(name) \(table.name) \(comment)")
        }
    }
}
