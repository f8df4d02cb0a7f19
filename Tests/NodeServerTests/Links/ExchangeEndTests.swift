import ChangeSet
import SyncProtocol
import Testing

@testable import NodeServer
@testable import SyncNode

/// How an exchange ends when both ends have said everything.
@Suite(.timeLimit(.minutes(1)))
struct ExchangeEndTests {
    /// What came up is news at the parent at once, also for the very exchange that brought it.
    @Test("News at the end of an exchange breaks neither the exchange nor its connection")
    func news() async throws {
        try await LinkTown.with { town in
            let noise = Task {
                while !Task.isCancelled {
                    town.news.announce()
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { noise.cancel() }
            let uplink = try town.uplink()
            for number in 1...20 {
                try town.accept("\(number)")
                _ = try await uplink.exchange(wait: 0)
                #expect(try town.casesAtCity == number)
            }
            #expect(town.handshakes.withLockedValue { $0 } == 1)
        }
    }

    /// As after a cut that only the child has noticed.
    @Test("A child that comes again ends the exchange that it had")
    func oneAtATime() async throws {
        try await LinkTown.with { town in
            try town.accept()
            let client = try town.client()
            let before = try await client.open(
                Route.exchange.rawValue, headers: [ExchangeHead.dictionary: PresetDictionary.name],
                stallTime: .seconds(20))
            _ = try await before.response()
            #expect(try await town.say(try town.speech()).refusal == nil)
            #expect(try town.casesAtCity == 1)
            let error = await #expect(throws: LinkError.self) { _ = try await before.incoming.joined() }
            #expect(error?.code == "link.closed")
            await client.close()
        }
    }

    /// It is the child that ends: it waited for ever for what it had not been asked.
    @Test func aParentThatEndsFirstIsRefused() async throws {
        try await LinkTown.with(parent: { _, outgoing in
            var stream = FrameStream()
            try await outgoing.send([UInt8](try stream.encode(.end) + stream.finish()))
        }) { town in
            try town.accept()
            await #expect(throws: ExchangeProblem.unexpected("end before the child's")) {
                try await town.uplink().exchange(wait: 30)
            }
        }
    }
}
