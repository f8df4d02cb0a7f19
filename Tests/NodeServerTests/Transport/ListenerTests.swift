import NIOCore
import NodeServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ListenerTests {
    @Test("A taken port and a foreign address are named")
    func cannotListen() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            var second = parent
            second.port = running.port
            await #expect(throws: ListenError.portTaken(host: "127.0.0.1", port: running.port)) {
                try await second.run { _ in }
            }
        }
        let elsewhere = SyncListener(
            host: "192.0.2.1",
            port: 0,
            identity: try parent.authority.identity("a"),
            logger: quiet,
            verify: parent.authority.verify,
            routes: ListenerRoutes(check: parent.check, exchange: parent.exchange, enroll: parent.enroll)
        )
        await #expect(throws: ListenError.addressUnavailable(host: "192.0.2.1")) { try await elsewhere.run() }
    }

    @Test("Garbage on the port is reported once and harms nobody")
    func garbage() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let http = try await RawPeer.dial(running.port, saying: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            _ = try await http.untilClosed()
            let noise = try await RawPeer.dial(running.port, saying: (0..<5_000).map { UInt8($0 * 7 % 251) })
            _ = try await noise.untilClosed()
            let gone = try await RawPeer.dial(running.port, saying: [])
            try await gone.channel.close()
            let failures = await parent.failures.wait(for: 3)
            #expect(failures.map(\.code) == ["handshake.notTLS", "handshake.notTLS", "handshake.left"])
            let child = try parent.child(port: running.port)
            #expect(try await child.request(Route.enrollment.rawValue, body: [1]) == Array("child".utf8) + [1])
            #expect(parent.failures.all.count == 3)
            await child.close()
        }
    }

    @Test("Slow handshakes hold up nobody and are ended in time")
    func slowHandshakes() async throws {
        var parent = try TestParent()
        parent.limits.handshakeTime = .seconds(3)
        try await parent.run { [parent] running in
            // The beginning of a ClientHello record, and no more.
            var slow: [RawPeer.Connection] = []
            for _ in 0..<50 {
                slow.append(try await RawPeer.dial(running.port, saying: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
            }
            let child = try parent.child(port: running.port)
            #expect(try await child.request(Route.enrollment.rawValue, body: []) == Array("child".utf8))
            #expect(parent.failures.all.isEmpty, "answered while all of them hang")
            for connection in slow { _ = try await connection.untilClosed() }
            let failures = await parent.failures.wait(for: 50)
            #expect(failures.count == 50)
            #expect(Set(failures.map(\.code)) == ["handshake.timedOut"])
            await child.close()
        }
    }

    @Test("A verified child that asks nothing is closed in time")
    func silentChild() async throws {
        var parent = try TestParent()
        parent.limits.firstRequestTime = .milliseconds(200)
        try await parent.run { [parent] running in
            let child = try await RawPeer.dial(running.port, saying: [], tls: parent.authority.client("child"))
            let start = ContinuousClock.now
            #expect(try await child.untilClosed().isEmpty)
            #expect((.milliseconds(100)..<Duration.seconds(2)).contains(ContinuousClock.now - start))
            #expect(parent.failures.all.isEmpty, "its handshake was good")
        }
    }

    @Test("A verified child that sends the head of its request drop by drop is closed in time")
    func slowHead() async throws {
        var parent = try TestParent()
        parent.limits.firstRequestTime = .milliseconds(300)
        try await parent.run { [parent] running in
            let tls = try parent.authority.client("child")
            let child = try await RawPeer.dial(running.port, saying: Array("POST /sync/v1 HT".utf8), tls: tls)
            let dripping = Task {
                while !Task.isCancelled {
                    try await child.channel.writeAndFlush(ByteBuffer(string: "x"))
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let start = ContinuousClock.now
            _ = try await child.untilClosed()
            #expect(ContinuousClock.now - start < .seconds(2))
            dripping.cancel()
        }
    }

    @Test("One connection above the limit is turned away; when one leaves there is room")
    func tooMany() async throws {
        var parent = try TestParent()
        parent.limits.connections = 2
        try await parent.run { [parent] running in
            let children = try (0..<3).map { try parent.child("child \($0)", port: running.port) }
            for child in children.prefix(2) {
                _ = try await child.request(Route.enrollment.rawValue, body: [])
            }
            let error = await linkError { _ = try await children[2].request(Route.enrollment.rawValue, body: []) }
            #expect(error?.code == "link.unreachable")
            #expect(parent.failures.all.map(\.code) == ["handshake.tooManyConnections"])
            await children[0].close()
            while running.listener.connections > 1 { try await Task.sleep(for: .milliseconds(5)) }
            _ = try await children[2].request(Route.enrollment.rawValue, body: [])
            for child in children { await child.close() }
        }
    }

    @Test("Unknown paths and too large a head are refused")
    func refusals() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let child = try parent.child(port: running.port)
            let unknown = await linkError { _ = try await child.request("/elsewhere", body: []) }
            #expect(unknown?.refusal?.code == "http.notFound" && unknown?.refusal?.status == 404)
            for headers: HeaderFields in [
                ["x-long": String(repeating: "a", count: parent.limits.headerFieldBytes + 1)],
                HeaderFields((0..<parent.limits.headerFields).map { ("x-\($0)", "a") }),
                HeaderFields((0..<5).map { ("x-\($0)", String(repeating: "a", count: 4_000)) }),
            ] {
                let large = await linkError {
                    let exchange = try await child.open(Route.exchange.rawValue, headers: headers)
                    _ = try await exchange.response()
                }
                #expect(large == .status(400, nil))
            }
            #expect(try await child.request(Route.enrollment.rawValue, body: []) == Array("child".utf8))
            await child.close()
        }
    }

    @Test("A failing exchange is an error answer before the answer is open, and a cut after")
    func failingExchange() async throws {
        struct Broken: Error {}
        var parent = try TestParent()
        parent.exchange = { _, head, _, outgoing in
            if head.headers["x-open"] != nil { try await outgoing.send([1]) }
            throw Broken()
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let early = await linkError {
                _ = try await child.open(Route.exchange.rawValue).incoming.joined()
            }
            #expect(early?.refusal?.code == "http.failed" && early?.refusal?.status == 500)
            let late = await linkError {
                _ = try await child.open(Route.exchange.rawValue, headers: ["x-open": "1"]).incoming.joined()
            }
            #expect(late?.code == "link.closed")
        }
    }
}
