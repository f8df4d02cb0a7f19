import Foundation
import NIOSSL
import NodeServer
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TrustTests {
    /// Opens an exchange and reads its answer, until it fails.
    private func talk(_ child: PeerClient<String>) async -> LinkError? {
        await linkError {
            let exchange = try await child.open(Route.exchange.rawValue)
            try await exchange.send([1])
            try await exchange.finish()
            _ = try await exchange.incoming.joined()
        }
    }

    @Test("A child whose certificate is refused hears of it, each time, and the parent reports why")
    func refusedChild() async throws {
        let parent = try TestParent()
        let stranger = try TestAuthority(name: "elsewhere").identity("child")
        try await parent.run { running in
            for _ in 0..<25 {
                let child = try parent.child(port: running.port, identity: stranger)
                let error = await talk(child)
                guard case .tls(let reason, nil) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason[.english].contains("certificate"), "\(reason)")
            }
            let failures = await parent.failures.wait(for: 25)
            #expect(failures.count == 25)
            #expect(Set(failures.map(\.code)) == ["handshake.refused"])
            let refusal = Refusal(code: "test.stranger", Words(name: "signed by another authority"))
            #expect(failures.allSatisfy { $0.reason == .refused(refusal) && $0.remote.hasPrefix("127.0.0.1:") })
        }
    }

    @Test("A parent with a foreign certificate is refused by the child, which says why")
    func wrongServer() async throws {
        var parent = try TestParent()
        let mine = parent.authority
        parent.authority = try TestAuthority(name: "elsewhere")
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port, identity: mine.identity("child"), verify: mine.verify)
            let refusal = Refusal(code: "test.stranger", Words(name: "signed by another authority"))
            let error = await talk(child)
            #expect(
                error
                    == .tls(reason: Words("this node refused the other's certificate", "本节点拒绝了对方的证书"), refusal: refusal)
            )
            #expect(error?.code == "link.tls")
            let failures = await parent.failures.wait(for: 1)
            #expect(failures.map(\.code) == ["handshake.alert"])
        }
    }

    @Test("A client without a certificate is not let in", .enabled(if: OpenSSL.isPresent, "needs openssl"))
    func noCertificate() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let said = try await OpenSSL.dial(running.port)
            #expect(!said.contains("HTTP/1.1"))
            let failures = await parent.failures.wait(for: 1)
            #expect(failures.map(\.code) == ["handshake.noCertificate"])
        }
    }

    @Test("TLS 1.2 is not spoken", .enabled(if: OpenSSL.isPresent, "needs openssl"))
    func oldVersion() async throws {
        let parent = try TestParent()
        let pem = try parent.authority.pem("child")
        try await parent.run { running in
            let said = try await OpenSSL.dial(running.port, ["-tls1_2"], pem: pem)
            #expect(!said.contains("HTTP/1.1"))
            #expect(await parent.failures.wait(for: 1).map(\.code) == ["handshake.tls"])
        }
    }

    @Test(
        "A session ticket opens nothing: the second connection is verified as the first was",
        .enabled(if: OpenSSL.isPresent, "needs openssl")
    )
    func noResumption() async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        parent.exchange = { peer, _, incoming, outgoing in
            seen.add(peer)
            try await outgoing.send(Array("for \(peer)".utf8))
        }
        let pem = try parent.authority.pem("old child")
        try await parent.run { [parent] running in
            let ticket = FileManager.default.temporaryDirectory.appendingPathComponent("ticket-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: ticket) }
            let first = try await OpenSSL.dial(running.port, ["-sess_out", ticket], pem: pem)
            #expect(first.contains("for old child"))
            #expect(FileManager.default.fileExists(atPath: ticket), "a ticket was given out")
            let second = try await OpenSSL.dial(running.port, ["-sess_in", ticket], pem: pem)
            #expect(second.contains("for old child"))
            #expect(!second.contains("\nReused"))
            #expect(second.contains("\nNew, TLSv1.3"))
            // Without the certificate the ticket alone gets nowhere.
            let third = try await OpenSSL.dial(running.port, ["-sess_in", ticket])
            #expect(!third.contains("HTTP/1.1"))
            #expect(seen.all == ["old child", "old child"])
            #expect(await parent.failures.wait(for: 1).map(\.code) == ["handshake.noCertificate"])
        }
    }

    @Test("The check runs before every request of a kept-alive connection")
    func expiredBetweenRequests() async throws {
        var parent = try TestParent()
        let asked = Sightings<Route>()
        let expired = Sightings<Void>()
        parent.check = { _, route in
            asked.add(route)
            if expired.all.isEmpty { return nil }
            return Refusal(code: "trust.expired", Words(name: "the certificate of child has expired: renew it"))
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            #expect(await talk(child) == nil)
            #expect(await talk(child) == nil)
            expired.add(())
            #expect(await talk(child)?.refusal?.words == Words(name: "the certificate of child has expired: renew it"))
            #expect(asked.all == [.exchange, .exchange, .exchange])
            #expect(await child.dialled == 1)
        }
    }

    @Test("A refusal comes early to a child that is still sending")
    func earlyRefusal() async throws {
        var parent = try TestParent()
        parent.exchange = { _, _, _, _ in
            throw Refusal(code: "sync.busy", Words(name: "another exchange of this node is open"), status: 409)
        }
        try await parent.run { [parent] running in
            for _ in 0..<10 {
                let child = try parent.child(port: running.port)
                let exchange = try await child.open(Route.exchange.rawValue)
                let error = await linkError {
                    for _ in 0..<10_000 { try await exchange.send([UInt8](repeating: 1, count: 1_000)) }
                }
                let refusal = LinkError.status(
                    409,
                    Refusal(code: "sync.busy", Words(name: "another exchange of this node is open"), status: 409))
                #expect(error == refusal)
                #expect(await linkError { _ = try await exchange.response() } == refusal)
                #expect(await linkError { _ = try await exchange.incoming.joined() } == refusal)
            }
        }
    }

    @Test(
        "Who is told to come again is told when, in the answer's head and in its body",
        .enabled(if: OpenSSL.isPresent, "needs openssl"))
    func comeAgain() async throws {
        var parent = try TestParent()
        parent.exchange = { _, _, _, _ in throw Refusal(LinePause.busy(7), status: 503, retryAfter: 7) }
        let pem = try parent.authority.pem("child")
        try await parent.run { [parent] running in
            let said = try await OpenSSL.dial(running.port, pem: pem)
            #expect(said.contains("HTTP/1.1 503") && said.contains("\nRetry-After: 7\r"), "\(said)")
            #expect(said.contains(#""retryAfter":7"#))
            let error = await talk(try parent.child(port: running.port))
            #expect(error?.refusal?.code == "link.busy" && error?.refusal?.retryAfter == 7)
        }
    }

    @Test("New certificates are shown from the next connection on")
    func renewed() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let child = try parent.child("old", port: running.port)
            #expect(try await child.request(Route.enrollment.rawValue, body: []) == Array("old".utf8))
            try await child.replaceIdentity(parent.authority.identity("new"))
            running.listener.replaceIdentity(try parent.authority.identity("parent 2"))
            #expect(try await child.request(Route.enrollment.rawValue, body: []) == Array("new".utf8))
            let exchange = try await child.open(Route.exchange.rawValue)
            #expect(exchange.peer == "parent 2")
            await child.close()
        }
    }

    @Test("Connections of a peer that was cut are closed at once")
    func closedPeer() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let good = try parent.child("good", port: running.port)
            let bad = try parent.child("bad", port: running.port)
            let kept = try await good.open(Route.exchange.rawValue)
            let lost = try await bad.open(Route.exchange.rawValue)
            try await kept.send([1])
            try await lost.send([1])
            var answers = lost.incoming.makeAsyncIterator()
            #expect(try await answers.next() == [1])
            running.listener.close { $0 == "bad" }
            let error = await linkError { _ = try await answers.next() }
            #expect(error?.code == "link.closed")
            try await kept.finish()
            #expect(try await kept.incoming.joined() == [1])
            await good.close()
        }
    }

    @Test("Certificates and keys that do not fit are named")
    func identities() throws {
        let pem = try TestAuthority().pem("a")
        let other = try TestAuthority().pem("b")
        let certificate = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))[0].toDERBytes()
        let cases: [(chain: [[UInt8]], key: TLSIdentity.PrivateKey, error: TLSIdentityError)] = [
            ([], .pem(pem), .emptyChain),
            ([certificate, [1, 2, 3]], .pem(pem), .certificateUnreadable(index: 1)),
            ([certificate], .der([1, 2, 3]), .keyUnreadable),
            ([certificate], .pem("nothing"), .keyUnreadable),
            ([certificate], .pem(other), .keyOfAnotherCertificate),
        ]
        for (chain, key, error) in cases {
            #expect(throws: error) { _ = try TLSIdentity(chain: chain, key: key) }
            #expect(error.code.hasPrefix("identity.") && !error.description.isEmpty)
        }
        #expect(throws: Never.self) { _ = try TLSIdentity(chain: [certificate], key: .pem(pem)) }
    }
}
