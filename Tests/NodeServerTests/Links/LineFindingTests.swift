import Foundation
import NIOSSL
import ServiceModel
import SyncProtocol
import Synchronization
import Testing
import Trust

@testable import NodeServer
@testable import SyncNode

/// What a doctor makes of the errors that an uplink really meets.
@Suite struct LineFindingTests {
    @Test func eachErrorOfTheLineIsAFinding() throws {
        let name = try #require(NodeName(unit: UnitCode("379902")!, tier: 1, ordinal: 1))
        let why = Words("why", "原因")
        func refused(_ problem: CertificateProblem) -> LinkError { .status(403, Refusal(problem)) }
        let table: [(any Error, FindingKind)] = [
            (LinkError.unreachable(reason: why), .lineDown), (LinkError.stalled(after: .seconds(1)), .lineDown),
            (LinkError.closed(reason: why, isStale: false), .lineDown), (ExchangeProblem.cutOff, .lineDown),
            (LinkError.notTerrace(reason: why), .linePortal), (LinkError.tls(reason: why, refusal: nil), .lineRefused),
            (LinkError.status(502, nil), .lineRefused),
            (
                LinkError.tls(
                    reason: why, refusal: Refusal(CertificateProblem.malformed(position: 0, reason: "x"))), .linePortal
            ),
            (refused(.wrongNetwork), .lineRefused),
            (refused(.expired(name, until: 0, now: 9)), .lineRefused),
            (refused(.notBelow(name, UnitCode("3799")!)), .lineOutOfPlace),
            (NodeError.notAbove(UnitCode("379902")!), .lineOutOfPlace),
            (
                LinkError.tls(reason: why, refusal: Refusal(CertificateProblem.otherPeer(expected: name, found: name))),
                .lineOutOfPlace
            ),
            (ExchangeProblem.refused(code: "replica.storage", why), .lineRefused),
            (ExchangeProblem.version(peer: 2, own: 1), .lineRefused),
            (ReplicaFailure.full, .lineOwnTrouble), (NodeError.badFile("anchor"), .lineOwnTrouble),
        ]
        for (error, kind) in table {
            #expect(NodeFacts.kind(of: UplinkFailure(error)).code == kind.code, "\(error)")
        }
        #expect(UplinkFailure(refused(.held(name))).refusal == NodeFacts.heldCode)
        for pause in [LinePause.busy(3), LinePause.hours(LineHours("22:00-06:00")!)] {
            #expect(LineState(failure: UplinkFailure(pause)).isPaused)
        }
    }

    /// A portal that opens the line has a certificate of its own; nobody must enroll a node again for it.
    @Test func aPortalThatOpensTLSIsAPortal() async throws {
        let pem = Array(try TestAuthority(name: "portal").pem("portal").utf8)
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: pem, format: .pem))))
        try await LinkTown.with { town in
            let error = try await RawPeer.serving("HTTP/1.1 200 OK\r\n\r\n", tls: tls) { port in
                let now = town.now
                let client = try PeerClient(
                    endpoint: PeerEndpoint(host: "127.0.0.1", port: port), identity: try town.county.tlsIdentity,
                    verify: town.county.verification(role: .server(expected: nil), now: { now }))
                return await linkError { _ = try await client.reach() }
            }
            let failure = UplinkFailure(try #require(error))
            #expect(failure.code == "link.tls", "\(failure)")
            #expect(NodeFacts.kind(of: failure) == .linePortal, "\(failure)")
            #expect(!failure.words[.english].contains("enroll"), "\(failure.words)")
        }
    }

    /// A full disk at this end, by its stable code.
    private enum ReplicaFailure: CodedError {
        case full
        var code: String { "replica.storage" }
        var words: Words { Words("full", "已满") }
    }

    /// A command beside the server learns the same.
    @Test func theNoteOfALineKeepsWhyItWasRefused() throws {
        let name = try #require(NodeName(unit: UnitCode("379902")!, tier: 1, ordinal: 1))
        let status = UplinkStatus()
        let failure = UplinkFailure(LinkError.status(403, Refusal(CertificateProblem.held(name))))
        _ = status.failed(failure, at: Moment(seconds: 9, day: 0))
        #expect(LinkNote(status.state).refusal == "trust.held")
    }

    /// What was noted of a line before the disk was full sends nobody to the unit above.
    @Test func aNoteThatCannotBeWrittenLeavesNoOlderOne() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (directory, note) = (NodeDirectory(folder), folder.appending(path: "link"))
        try LinkNote(LineState(since: 1)).write(directory)
        #expect(FileManager.default.fileExists(atPath: note.path))
        // Nothing can be written where a folder is.
        try FileManager.default.createDirectory(
            at: folder.appending(path: "link.new"), withIntermediateDirectories: false)
        #expect(throws: NodeError.self) { try LinkNote(LineState(isUp: true, since: 2)).write(directory) }
        #expect(!FileManager.default.fileExists(atPath: note.path))
    }

    /// Once there is room again it is noted, though nothing has changed since.
    @Test func whatCouldNotBeNotedIsNotedWithTheNextWord() {
        let told = Mutex<[Bool]>([]), isFull = Mutex(true)
        let status = UplinkStatus { state in
            told.withLock { $0.append(state.isUp) }
            return isFull.withLock { !$0 }
        }
        let parent = UpperNode(unit: UnitCode("3799")!, node: 1, isParent: true)
        for second in 1...2 { status.connected(to: parent, at: Moment(seconds: Int64(second), day: 0)) }
        isFull.withLock { $0 = false }
        for second in 3...4 { status.connected(to: parent, at: Moment(seconds: Int64(second), day: 0)) }
        #expect(told.withLock { $0 } == [true, true, true])
        #expect(status.state.since == 1)
    }
}
