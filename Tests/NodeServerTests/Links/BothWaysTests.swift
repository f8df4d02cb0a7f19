import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import NodeServer
@testable import SyncNode

/// Much to say at both ends at once, more than the line and its buffers hold.
@Suite(.timeLimit(.minutes(2)))
struct BothWaysTests {
    /// 40 KB that deflate can do little about.
    private static func acceptance(_ random: inout SeededGenerator, route: [String], day: Int32) -> Acceptance {
        var fields = [CaseField.applicantName: "张"]
        for number in 0..<5 {
            let bytes = (0..<750).map { _ in random.next() }
            fields["note.\(number)"] = bytes.withUnsafeBytes { Data($0).base64EncodedString() }
        }
        return Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: true),
            route: route.compactMap { UnitCode($0) }, fields: fields, day: day, actor: "a")
    }

    @Test("Two ends that both have megabytes to say come to an end")
    func backlogs() async throws {
        let cases = 120
        try await LinkTown.with { network in
            var random = SeededGenerator(state: 5)
            for _ in 0..<cases {
                for (name, route) in [
                    (LinkTown.cityCode, LinkTown.countyCode), (LinkTown.countyCode, LinkTown.countyCode),
                ] {
                    _ = try network[name].accept(
                        Self.acceptance(&random, route: [name, route], day: network.now.day), now: network.now)
                }
            }
        } _: { town in
            let report = try await town.exchange()
            #expect(report.sentBytes > 3_000_000 && report.receivedBytes > 3_000_000)
            #expect(try town.casesAtCity == 2 * cases)
            #expect(try town.county.replica.read { try $0.caseCounts().all } == 2 * cases)
        }
    }

    /// A feed of a later version says nothing of how far this database once was.
    @Test func aCursorOfAnUnknownFeedIsPassedOver() async throws {
        try await LinkTown.with { town in
            try town.accept()
            _ = try await town.exchange()
            func incarnation() throws -> UInt64? { try town.city.replica.read { try $0.identity?.incarnation } }
            let before = try incarnation()
            for feed: UInt32 in [9, 257, 258] {
                let frames = try town.speech().map { frame -> Frame in
                    guard case .hello(var hello) = frame else { return frame }
                    hello.cursors.append(
                        .with {
                            $0.feed = feed
                            $0.position = 1 << 40
                            $0.rolling = 1
                        })
                    return .hello(hello)
                }
                #expect(try await town.say(frames).refusal == nil)
                #expect(try incarnation() == before)
            }
        }
    }
}
