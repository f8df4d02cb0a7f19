import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A stub that comes to who holds a part of its case names units that nothing here has named.
@Suite struct StubAudienceTests {
    @Test func whoWasSentPastThePartIsOwedIt() throws {
        let town = try Town()
        let place = try town["V"].accept("孙一", route: ["T"], number: 1)
        try town["K"].accept("周", route: ["T"], number: 2)
        try town["T"].accept("吴", route: ["W"], number: 3)
        try town.settle()
        var stub = WireStub()
        stub.author = place.author.value.data
        stub.sequence = place.sequence
        stub.receipt = "V-1"
        stub.audience = ["T", "V", "W"]
        stub.digest = Data(repeating: 1, count: 32)
        stub.runs = [
            .with {
                $0.author = town["K"].author.value.data
                $0.from = 50
                $0.count = 1
                $0.digest = Data(repeating: 2, count: 32)
            }
        ]
        try town["T"].replica.write { transaction in
            let peer = try transaction.meet(unit: town["K"].unit, node: 1, incarnation: 1)
            try transaction.take(stub, in: .casework, from: peer, now: town["T"].time)
        }
        let since = try town["T"].replica.read {
            try Int64.fetchOne($0.db, sql: "SELECT since FROM audience WHERE unit = 'W' ORDER BY since DESC")
        }
        #expect(try #require(since) > 0)
        try town.send("T", "W", isBelow: true)
        #expect(try town["W"].replica.read { try $0.serviceCase(receipt: "V-1") } != nil)
        #expect(try town["T"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
