import NIOCore
import NIOSSL
import NodeServer
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TroubleTests {
    private func answer(_ child: PeerClient<String>, sending bytes: [UInt8] = [1]) async -> LinkError? {
        await linkError {
            let exchange = try await child.open(Route.exchange.rawValue)
            try await exchange.send(bytes)
            try await exchange.finish()
            _ = try await exchange.incoming.joined()
        }
    }

    @Test("A child that gives up in mid wait is noticed within a second", arguments: [true, false])
    func cancelledChild(isReading: Bool) async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        parent.exchange = { _, _, incoming, outgoing in
            do {
                try await outgoing.send([1])
                if isReading {
                    _ = try await incoming.joined()
                } else {
                    try await Task.sleep(for: .seconds(30))
                }
                seen.add("ended")
            } catch {
                seen.add("lost")
                throw error
            }
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue)
            var answers = exchange.incoming.makeAsyncIterator()
            #expect(try await answers.next() == [1])
            exchange.cancel()
            let error = await linkError { _ = try await answers.next() }
            #expect(error == .cancelled)
            #expect(await seen.wait(for: 1, upTo: .seconds(1)) == ["lost"])
        }
    }

    @Test("A cancelled task gives its exchange up", arguments: ["reading", "awaiting the head"])
    func cancelledTask(where place: String) async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        parent.exchange = { _, _, incoming, _ in
            seen.add("begun")
            do { _ = try await incoming.joined() } catch { seen.add("lost") }
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue)
            let task = Task {
                if place == "reading" {
                    _ = try await exchange.incoming.joined()
                } else {
                    _ = try await exchange.response()
                }
            }
            _ = await seen.wait(for: 1)
            task.cancel()
            #expect(await linkError { try await task.value } == .cancelled)
            #expect(await seen.wait(for: 2, upTo: .seconds(1)) == ["begun", "lost"])
        }
    }

    @Test("An exchange that is let go closes its connection")
    func forgotten() async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        parent.exchange = { _, _, incoming, outgoing in
            do { _ = try await incoming.joined() } catch { seen.add("lost") }
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            do { _ = try await child.open(Route.exchange.rawValue) }
            #expect(await seen.wait(for: 1) == ["lost"])
        }
    }

    @Test("A parent that stops in mid exchange ends it within two seconds")
    func stoppingParent() async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        parent.exchange = { _, _, incoming, outgoing in
            try await outgoing.send([1])
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                seen.add("\(type(of: error))")
                throw error
            }
        }
        let clock = ContinuousClock()
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let idle = try parent.child("idle", port: running.port)
            _ = try await idle.request(Route.enrollment.rawValue, body: [])
            let exchange = try await child.open(Route.exchange.rawValue)
            var answers = exchange.incoming.makeAsyncIterator()
            #expect(try await answers.next() == [1])
            let stop = clock.now
            await running.services.triggerGracefulShutdown()
            let error = await linkError { _ = try await answers.next() }
            #expect(error?.code == "link.closed")
            #expect(clock.now - stop < .seconds(2))
            #expect(await seen.wait(for: 1) == ["CancellationError"])
            #expect(await answer(child)?.code == "link.unreachable")
        }
    }

    @Test("A cut inside the answer and inside the request is noticed at both ends", arguments: [0, 1, 1_000, 70_000])
    func cut(after bytes: Int) async throws {
        for direction in CuttingProxy.Direction.allCases {
            var parent = try TestParent()
            let seen = Sightings<String>()
            parent.exchange = { _, _, incoming, outgoing in
                do {
                    try await outgoing.send([1])
                    if direction == .toClient {
                        for _ in 0..<1_000 { try await outgoing.send([UInt8](repeating: 2, count: 1_000)) }
                    }
                    _ = try await incoming.joined()
                    seen.add("ended")
                } catch {
                    seen.add("lost")
                    throw error
                }
            }
            try await parent.run { [parent] running in
                let proxy = CuttingProxy(targetPort: running.port)
                let child = try parent.child(port: try await proxy.start())
                let exchange = try await child.open(Route.exchange.rawValue)
                var answers = exchange.incoming.makeAsyncIterator()
                #expect(try await answers.next()?.first == 1)
                let before = proxy.passed(direction)
                proxy.fail(after: bytes, direction)
                let error = await linkError {
                    if direction == .toServer {
                        for _ in 0..<1_000 { try await exchange.send([UInt8](repeating: 3, count: 1_000)) }
                    }
                    while try await answers.next() != nil {}
                }
                #expect(error?.code == "link.closed")
                #expect(await seen.wait(for: 1) == ["lost"])
                #expect(proxy.passed(direction) - before >= bytes)
                if direction == .toServer { #expect(proxy.passed(direction) - before == bytes) }
                await proxy.stop()
            }
        }
    }

    @Test("A frozen line is a stall; after it the proxy serves again, and counts")
    func frozen() async throws {
        var parent = try TestParent()
        parent.limits.stallTime = .milliseconds(300)
        try await parent.run { [parent] running in
            let proxy = CuttingProxy(targetPort: running.port)
            let child = try parent.child(port: try await proxy.start())
            #expect(await answer(child) == nil)
            proxy.freeze()
            #expect(await answer(child) == .stalled(after: .milliseconds(300)))
            proxy.restore()
            #expect(await answer(child) == nil)
            #expect(proxy.accepted == 2)
            let before = CuttingProxy.Direction.allCases.map(proxy.passed)
            #expect(await answer(child, sending: [UInt8](repeating: 5, count: 100_000)) == nil)
            let after = CuttingProxy.Direction.allCases.map(proxy.passed)
            for (before, after) in zip(before, after) {
                #expect((100_000...104_000).contains(after - before), "\(after - before) bytes")
            }
            proxy.refuse()
            var error = await answer(child)
            if case .closed(_, isStale: true) = error { error = await answer(child) }
            #expect(error?.code == "link.unreachable")
            proxy.restore()
            #expect(await answer(child) == nil)
            await proxy.stop()
        }
    }

    @Test("A long poll that moves nothing for less than the stall time is no stall; a slow reader is none either")
    func patience() async throws {
        var parent = try TestParent()
        parent.limits.stallTime = .milliseconds(400)
        parent.exchange = { _, _, incoming, outgoing in
            for _ in 0..<3 {
                try await Task.sleep(for: .milliseconds(200))
                try await outgoing.send([1])
            }
            for _ in 0..<100 { try await outgoing.send([UInt8](repeating: 1, count: 64 * 1024)) }
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue)
            _ = try await exchange.response()
            try await exchange.finish()
            try await Task.sleep(for: .milliseconds(1_500))
            #expect(try await exchange.incoming.joined().count == 3 + 100 * 64 * 1024)
            await child.close()
        }
    }

    @Test("An open exchange outlives the time in which a request must come")
    func longExchange() async throws {
        var parent = try TestParent()
        parent.limits.firstRequestTime = .milliseconds(200)
        parent.limits.idleTime = .milliseconds(200)
        parent.exchange = { _, _, incoming, outgoing in
            try await Task.sleep(for: .milliseconds(500))
            try await outgoing.send(try await incoming.joined())
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            #expect(await answer(child) == nil)
            #expect(await answer(child) == nil)
            await child.close()
        }
    }

    @Test("A connection closed by the parent while it was kept is replaced without an error")
    func closedWhileKept() async throws {
        var parent = try TestParent()
        parent.limits.idleTime = .milliseconds(50)
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            for _ in 0..<3 {
                #expect(await answer(child) == nil)
                try await Task.sleep(for: .milliseconds(150))
            }
            #expect(await child.dialled == 3)
        }
    }

    @Test("Nobody at the port")
    func nobody() async throws {
        let parent = try TestParent()
        let port = try await RawPeer.serving("") { $0 }
        let child = try parent.child(port: port)
        let error = await answer(child)
        #expect(error?.code == "link.unreachable")
        #expect("\(error as Any)".contains("refused"), "\(error as Any)")
        let lost = try PeerClient(
            endpoint: PeerEndpoint(host: "no-such-host.invalid", port: 1),
            identity: parent.authority.identity("child"),
            verify: parent.authority.verify
        )
        #expect(await answer(lost)?.code == "link.unreachable")
    }

    @Test("A listener that never speaks TLS is unreachable after the time of a handshake")
    func silent() async throws {
        var parent = try TestParent()
        parent.limits.handshakeTime = .milliseconds(200)
        try await RawPeer.serving("") { [parent] port in
            let child = try parent.child(port: port)
            #expect(await answer(child) == .unreachable(reason: Words("no TLS handshake in time", "未能按时完成TLS握手")))
        }
    }

    @Test("A portal is told from a node, in the clear and behind TLS")
    func portal() async throws {
        let parent = try TestParent()
        let html = "<html><body>please log in</body></html>"
        let rest = "Content-Type: text/html; charset=utf-8\r\nContent-Length: \(html.count)\r\n\r\n\(html)"
        let page = "HTTP/1.1 200 OK\r\n\(rest)"
        let error = try await RawPeer.serving(page) { port in await answer(try parent.child(port: port)) }
        #expect(error == .notTerrace(reason: Words("the other end does not speak TLS", "对方没有使用TLS")))

        let pem = Array(try parent.authority.pem("portal").utf8)
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: pem, format: .pem)),
            trustRoots: .certificates([])
        )
        configuration.minimumTLSVersion = .tlsv13
        let tls = try NIOSSLContext(configuration: configuration)
        let cases: [(String, LinkError)] = [
            (page, .notTerrace(reason: Words("status 200, text/html", "状态200，text/html"))),
            (
                "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
                .notTerrace(reason: Words("status 302, nothing", "状态302，没有内容"))
            ),
            ("HTTP/1.1 502 Bad Gateway\r\n\(rest)", .status(502, nil)),
        ]
        for (answer, expected) in cases {
            let error = try await RawPeer.serving(answer, tls: tls) { port in
                await self.answer(try parent.child(port: port))
            }
            #expect(error == expected)
        }
        let odd = try await RawPeer.serving("SSH-2.0-OpenSSH\r\n", tls: tls) { port in
            await answer(try parent.child(port: port))
        }
        #expect(odd?.code == "link.notTerrace")
    }
}
