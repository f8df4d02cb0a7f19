import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// A case whose audience is known only after others have been told what came later.
@Suite struct LateAudienceTests {
    @Test func whatWaitedIsOwedToWhoWasSentPastIt() throws {
        let town = try Town(["C", "T", "V", "W"])
        let grant = WireGrant.with {
            $0.unit = "V"
            $0.kind = CaseAction.decide.rawValue
        }
        try town["C"].enter(.grant(grant))
        for name in ["V", "W"] { try town.send("C", name, isBelow: true, feeds: [.charter]) }
        let place = try town["V"].accept("郑一", route: ["T", "W"])
        // The town has not the entry that the case pins.
        try town.send("V", "T", isBelow: false, feeds: [.casework])
        let earlier = try town["T"].accept("郑二", route: ["W"], number: 2)
        try town.send("T", "W", isBelow: true, feeds: [.casework])
        #expect(try town["W"].record(earlier).history.entries.count == 1)
        #expect(throws: ReplicaError.self) { try town["W"].record(place) }
        try town.send("C", "T", isBelow: true, feeds: [.charter])
        try town.send("T", "W", isBelow: true)
        #expect(try town["W"].record(place).state == town["T"].record(place).state)
        for name in ["T", "W", "V"] {
            #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
    }
}
