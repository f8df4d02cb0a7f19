import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator

@testable import SyncNode

/// What a courier does between the nodes of a test.
extension SimulatedNetwork {
    /// A bundle is exported and all of it imported.
    @discardableResult
    func carry(from name: String, to recipient: String) throws -> [VolumeReport] {
        try export(at: name, to: recipient).files.map { try bring($0, to: recipient) }
    }

    /// How far a unit's node stands with another's: by feed, what it has applied, and what was confirmed to it.
    func cursors(at name: String, with other: String) throws -> [LinkCursors] {
        let peer = self[other].name
        return try self[name].replica.read { transaction in
            guard let known = try transaction.latestPeer(unit: peer.unit, node: peer.ordinal) else { return [] }
            return try [Feed.casework, .published].map { try transaction.cursors(known, $0) }
        }
    }

    /// Accepts cases, each sealed by itself, so that a volume has many runs.
    func acceptMany(_ count: Int, at name: String, from first: Int = 0, route: [String] = []) throws {
        for number in 0..<count {
            try accept(at: name, number: first + number, route: route)
            try self[name].seal(now: time(at: name))
        }
    }

    func unsent(at name: String) throws -> Int {
        try self[name].replica.read { try $0.lineStanding().unsent }
    }
}
