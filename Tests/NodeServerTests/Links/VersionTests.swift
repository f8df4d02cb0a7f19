import ChangeSet
import Foundation
import ServiceModel
import SyncNode
import SyncProtocol
import Testing

@testable import NodeServer

/// Two versions of the protocol meet on a real line: each end says which one is to be upgraded.
@Suite(.timeLimit(.minutes(1)))
struct VersionTests {
    private static func hello(_ version: UInt32) -> Frame { .hello(.with { $0.version = version }) }

    @Test("A child of another version is told which end to upgrade", arguments: [UInt32(0), 2, 99])
    func child(version: UInt32) async throws {
        try await LinkTown.with { town in
            let refusal = try #require(try await town.say([Self.hello(version)]).refusal)
            #expect(refusal.code == "link.version" && refusal.subject == "\(protocolVersion)")
            // As the child's own program makes of it.
            let heard = ExchangeProblem.version(peer: protocolVersion, own: version)
            let toUpgrade = version > protocolVersion ? "the other node" : "this node"
            #expect(heard.words[.english].hasSuffix("upgrade \(toUpgrade)"))
            #expect(heard.words[.chinese].hasSuffix(version > protocolVersion ? "升级对方节点" : "升级本节点"))
            _ = try await town.exchange()
        }
    }

    @Test(
        "A parent of another version, which refuses or greets, is told apart from a bad line",
        arguments: [UInt32(0), 2], [true, false])
    func parent(version: UInt32, refuses: Bool) async throws {
        let answer =
            refuses
            ? Frame.refusal(.with { ($0.code, $0.subject) = ("link.version", "\(version)") })
            : Self.hello(version)
        try await LinkTown.with(parent: { incoming, outgoing in
            try await outgoing.open()
            let bytes = Deflater(dictionary: PresetDictionary.bytes).finish(try answer.bytes)
            try await outgoing.send([UInt8](bytes))
            _ = try? await incoming.joined()
        }) { town in
            let problem = await #expect(throws: ExchangeProblem.self) { try await town.exchange() }
            #expect(problem == .version(peer: version, own: protocolVersion))
            let end = version > protocolVersion ? "this node" : "the other node"
            #expect(problem?.words[.english].hasSuffix("upgrade \(end)") == true)
        }
    }

    @Test("The path of another version is known for what it is")
    func path() async throws {
        try await LinkTown.with { town in
            let newer = await linkError { _ = try await town.say(bytes: Data(), to: "/sync/v2") }
            #expect(newer?.refusal?.code == "link.version")
            #expect(newer?.words[.english].contains("upgrade the other node") == true, "\(newer as Any)")
            #expect(newer?.words[.chinese].contains("请升级对方节点") == true)
            let older = await linkError { _ = try await town.say(bytes: Data(), to: "/sync/v0") }
            #expect(older?.words[.english].contains("upgrade this node") == true)
            let none = await linkError { _ = try await town.say(bytes: Data(), to: "/sync/vx") }
            #expect(none?.refusal?.code == "http.notFound")
        }
    }

    @Test(
        "Another dictionary is another release",
        arguments: [
            ("2-0", "the other node"), ("0-0", "this node"), ("1-0", "the older of the two nodes"), ("", "older"),
        ])
    func dictionary(name: String, end: String) async throws {
        try await LinkTown.with { town in
            let error = await linkError { _ = try await town.say(bytes: Data(), dictionary: name) }
            #expect(error?.refusal?.code == "wire.dictionary")
            #expect(error?.words[.english].contains(end) == true, "\(error as Any)")
        }
    }

    @Test("What broke the link is kept, and can be told in either language")
    func kept() {
        let status = UplinkStatus()
        let now = Moment(seconds: 1_790_000_000, day: 20_717)
        #expect(status.failed(UplinkFailure(ExchangeProblem.version(peer: 2, own: 1)), at: now))
        let failure = status.state.failure
        #expect(failure?.code == "link.version" && status.state.since == now.seconds)
        #expect(failure.map { ErrorText.words($0, in: .chinese) }?.contains("请升级本节点") == true)
        #expect(failure.map { ErrorText.words($0, in: .english) }?.contains("upgrade this node") == true)
    }
}
