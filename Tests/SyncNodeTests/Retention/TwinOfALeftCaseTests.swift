import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import Replica
@testable import SyncNode

/// A second machine gives a case the number of one that has left.
@Suite struct TwinOfALeftCaseTests {
    @Test func theSecondCaseIsToldToNobodyWhomTheFirstConcerned() throws {
        let network = try Network.forgetful()
        let copy = try network.clone(Network.village)
        let first = try network.closedCase(1)
        _ = try network.closedCase(2)
        try network.backUpAll()
        for name in [Network.village, Network.town] { #expect(try network.retire(at: name).retired == 1) }
        try network.sit(Network.village, at: copy)
        let second = try network.accept(at: Network.village, number: 3, route: [Network.village])
        #expect(second.creation == first.creation)
        try network.act(.note, at: Network.village, on: second.creation, fields: [CaseField.note + "1": "代办"])
        func units(at name: String) throws -> Set<String> {
            try network[name].replica.read { transaction in
                let row = try #require(try transaction.serviceCase(receipt: second.receipt))
                return try String.fetchSet(
                    transaction.db, sql: "SELECT unit FROM audience WHERE record = ?", arguments: [row.record])
            }
        }
        try network.exchange(Network.village)
        #expect(try units(at: Network.town) == [Network.village])
        try network.settle(rounds: 1)
        for _ in 0..<2 {
            for name in network.names where name != network.root { try network.exchange(name, mode: .repairs) }
            try network.settle(rounds: 1)
        }
        for name in Network.line {
            #expect(try units(at: name) == [Network.village], "\(name)")
            let row = try network[name].replica.read { try $0.serviceCase(receipt: first.receipt) }
            #expect(row?.phase == .delivered, "the first is wished for, and comes back: \(name)")
            try network.expectSound(name)
        }
        #expect(try network.fingerprints(of: Network.village, at: Network.line).count == 1)
    }

    /// Both machines of a copied disk have sealed what was written before, each under a seal of its own.
    @Test func aCaseUnderTwoSealsStaysOne() throws {
        let network = try Network.forgetful()
        let first = try network.accept(at: Network.village, number: 1, route: [Network.county])
        let copy = try network.clone(Network.village)
        try network.act(.forward, at: Network.village, on: first.creation, target: Network.county)
        try network.settle(rounds: 1)
        try network.act(
            .decide, at: Network.county, on: first.creation, fields: [CaseField.decision: "granted"])
        try network.act(.deliver, at: Network.county, on: first.creation)
        try network.settle(rounds: 1)
        _ = try network.closedCase(2)
        try network.backUpAll()
        for name in [Network.village, Network.town] { #expect(try network.retire(at: name).retired == 1) }
        try network.sit(Network.village, at: copy)
        try network.exchange(Network.village)
        let records = try network[Network.town].replica.read { transaction in
            try Int.fetchOne(
                transaction.db,
                sql: """
                    SELECT count(*) FROM record JOIN author ON author.id = record.author
                    WHERE author.unit = ? AND feed = 2 AND sequence = ?
                    """, arguments: [Network.village, Int64(first.creation.sequence)])
        }
        #expect(records == 1)
        for _ in 0..<2 {
            for name in network.names where name != network.root { try network.exchange(name, mode: .repairs) }
            try network.settle(rounds: 1)
        }
        for name in Network.line { try network.expectSound(name) }
        #expect(try network.fingerprints(of: Network.village, at: Network.line).count == 1)
    }
}
