import ChangeSet
import Foundation
import NIOConcurrencyHelpers
import ServiceModel
import SyncProtocol
import Testing

@testable import NodeServer
@testable import SyncNode

/// A serving node whose parent's release is of before there were comparisons asks it once, and then keeps an exchange
/// open as ever, with the wish still waiting.
@Suite(.timeLimit(.minutes(1)))
struct OlderParentLineTests {
    /// Answers as release 0.1.0 does, and keeps nothing.
    private final class OlderParent: Sendable {
        let greetings = Sightings<WireHello>()
        let cases = Sightings<WireBatch>()
        let unknown = Sightings<String>()

        @Sendable func answer(_ incoming: IncomingBody, _ outgoing: OutgoingBody) async throws {
            try await outgoing.open()
            var stream = FrameStream()
            var reached: [UInt32: WireCursor] = [:]
            for try await bytes in incoming {
                var said = Data()
                for frame in try stream.decode(Data(bytes)) {
                    switch frame {
                    case .hello(let hello): greetings.add(hello)
                    case .batch(let batch):
                        reached[batch.feed] = batch.end
                        if batch.feed == UInt32(Feed.casework.rawValue) { cases.add(batch) }
                        said += try stream.encode(
                            .ack(
                                .with {
                                    $0.cursors = Array(reached.values)
                                    $0.author = Data(repeating: 7, count: 16)
                                    $0.applied = [0, 0, 0]
                                }))
                    case .end: said += try stream.encode(.end) + stream.finish()
                    case .heartbeat: break
                    default: unknown.add("\(frame)")
                    }
                }
                said += stream.flush()
                if !said.isEmpty { try await outgoing.send([UInt8](said)) }
            }
        }
    }

    @Test func isAskedOnceAndThenKeptOpen() async throws {
        let parent = OlderParent()
        try await LinkTown.with(
            prepare: { network in
                try network.settle()
                try network.accept(at: LinkTown.countyCode)
            }, parent: parent.answer
        ) { town in
            let wish = try town.county.replica.write { try $0.wishComparison(repairs: false) }
            let (status, now) = (UplinkStatus(), town.now)
            let uplink = try Uplink(
                node: town.county, to: [PeerEndpoint(host: "127.0.0.1", port: town.port)], news: NodeNews(),
                status: status, logger: quiet, now: { now })
            let run = Task { try await uplink.run() }
            let greetings = await parent.greetings.wait(for: 2, upTo: .seconds(20))
            run.cancel()
            _ = await run.result
            #expect(greetings.prefix(2).map(\.wait) == [0, UInt32(Uplink.usualWait)])
            #expect(greetings.first?.compares == true)
            #expect(!parent.cases.all.isEmpty && parent.unknown.all.isEmpty)
            #expect(status.state.needsNewerParent)
            #expect(try town.county.replica.read { try !$0.isCarriedOut(wish) })
        }
    }

    @Test func aPersonWhoAsksIsTold() async throws {
        let parent = OlderParent()
        try await LinkTown.with(prepare: { try $0.settle() }, parent: parent.answer) { town in
            let report = try await town.uplink().exchange(wait: 0, mode: .looks)
            #expect(report.needsNewerParent && report.comparison == nil)
        }
    }

    /// What a command beside the server reads, and that it is forgotten with the line.
    @Test func isNotedForCommandsBeside() throws {
        let status = UplinkStatus()
        let now = Moment(seconds: 1_790_000_000, day: 20_717)
        status.connected(to: UpperNode(unit: UnitCode(LinkTown.cityCode)!, node: 1, isParent: true), at: now)
        status.noted(needsNewerParent: true)
        #expect(LinkNote(status.state).needsNewerParent == true)
        _ = status.failed(UplinkFailure(LinkError.cancelled), at: now)
        #expect(!status.state.needsNewerParent && LinkNote(status.state).needsNewerParent == nil)
    }
}
