import NodeServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    private let hello = Array("hello".utf8)

    @Test("200 pieces go each way in one exchange, each answered before the next is sent")
    func twoWay() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let child = try parent.child(port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue)
            var answers = exchange.incoming.makeAsyncIterator()
            for number in 0..<200 {
                let piece = Array("piece \(number)".utf8)
                try await exchange.send(piece)
                var answer: [UInt8] = []
                while answer.count < piece.count {
                    answer += try #require(await answers.next())
                }
                #expect(answer == piece)
            }
            try await exchange.finish()
            #expect(try await answers.next() == nil)
            await child.close()
        }
    }

    @Test("The answer comes while the request is open; both ends know each other")
    func answerFirst() async throws {
        var parent = try TestParent()
        let seen = Sightings<String>()
        let heads = Sightings<RequestHead>()
        parent.exchange = { peer, head, incoming, outgoing in
            seen.add(peer)
            heads.add(head)
            try await outgoing.open(["x-line": "long"])
            try await outgoing.send(Array("news".utf8))
            seen.add(String(decoding: try await incoming.joined(), as: UTF8.self))
            try await outgoing.send(Array("bye".utf8))
        }
        try await parent.run { [parent] running in
            let child = try parent.child("village", port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue + "?wait=1", headers: ["x-wait": "30"])
            let head = try await exchange.response()
            #expect(head.status == 200)
            #expect(head.headers["X-Line"] == "long")
            #expect(exchange.peer == "parent")
            var answers = exchange.incoming.makeAsyncIterator()
            #expect(try await answers.next() == Array("news".utf8))
            try await exchange.send(hello)
            try await exchange.finish()
            #expect(try await answers.next() == Array("bye".utf8))
            #expect(try await answers.next() == nil)
            #expect(seen.all == ["village", "hello"])
            #expect(heads.all.first?.path == "/sync/v1")
            #expect(heads.all.first?.headers["x-wait"] == "30")
        }
    }

    @Test("The address of the other end is known when the line is cut")
    func addressOfACutLine() async throws {
        var parent = try TestParent()
        let seen = Sightings<String?>()
        parent.exchange = { _, _, incoming, outgoing in
            try await outgoing.open()
            outgoing.cut()
            _ = try? await incoming.joined()
            seen.add(outgoing.remote)
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let exchange = try? await child.open(Route.exchange.rawValue)
            _ = try? await exchange?.incoming.joined()
            #expect(await seen.wait(for: 1) == ["127.0.0.1"])
            await child.close()
        }
    }

    @Test("20 exchanges use one connection")
    func keptAlive() async throws {
        var parent = try TestParent()
        let verified = Sightings<Int>()
        let verify = parent.authority.verify
        parent.exchange = { _, _, incoming, outgoing in
            try await outgoing.send(try await incoming.joined())
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port) { chain in
                verified.add(chain.count)
                return verify(chain)
            }
            for number in 0..<20 {
                let exchange = try await child.open(Route.exchange.rawValue)
                #expect(exchange.isReuse == (number > 0))
                try await exchange.send([UInt8(number)])
                try await exchange.finish()
                #expect(try await exchange.incoming.joined() == [UInt8(number)])
            }
            #expect(await child.dialled == 1)
            #expect(verified.all == [2], "one handshake, in which the whole chain was presented")
            #expect(running.listener.connections == 1)
            await child.close()
        }
    }

    @Test("A second exchange while the first is open is refused at home")
    func oneAtATime() async throws {
        let parent = try TestParent()
        try await parent.run { running in
            let child = try parent.child(port: running.port)
            let first = try await child.open(Route.exchange.rawValue)
            #expect(await linkError { _ = try await child.open(Route.exchange.rawValue) } == .inUse)
            try await first.finish()
            #expect(try await first.incoming.joined() == [])
            let second = try await child.open(Route.exchange.rawValue)
            #expect(second.isReuse)
            await child.close()
        }
    }

    @Test("An exchange whose request is never ended gives its connection up, and the next one dials")
    func unfinishedRequest() async throws {
        var parent = try TestParent()
        parent.exchange = { _, _, _, outgoing in try await outgoing.send([1]) }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let first = try await child.open(Route.exchange.rawValue)
            #expect(try await first.incoming.joined() == [1])
            let second = try await child.open(Route.exchange.rawValue)
            #expect(!second.isReuse)
            #expect(try await second.incoming.joined() == [1])
            await child.close()
        }
    }

    @Test("A plain request is answered whole; a body above the bound is refused")
    func enrollment() async throws {
        var parent = try TestParent()
        parent.limits.plainBodyBytes = 1_000
        try await parent.run { [parent] running in
            let child = try parent.child("new", port: running.port)
            let answer = try await child.request(Route.enrollment.rawValue, body: hello)
            #expect(answer == Array("newhello".utf8))
            let error = await linkError {
                _ = try await child.request(Route.enrollment.rawValue, body: Array(repeating: 0, count: 1_001))
            }
            #expect(error?.refusal?.code == "http.tooLarge" && error?.refusal?.status == 413)
            await child.close()
        }
    }

    @Test("10 MB pass a slow reader with little memory at either end", arguments: [true, false])
    func backPressure(isUpward: Bool) async throws {
        let total = 10 * 1024 * 1024
        let piece = [UInt8](repeating: 7, count: 64 * 1024)
        let sent = Sightings<Int>()
        let gate = Sightings<Void>()
        var parent = try TestParent()
        parent.exchange = { _, _, incoming, outgoing in
            if isUpward {
                try await outgoing.open()
                _ = await gate.wait(for: 1)
                let bytes = try await incoming.reduce(0) { $0 + $1.count }
                try await outgoing.send(Array("\(bytes)".utf8))
            } else {
                for _ in 0..<(total / piece.count) {
                    try await outgoing.send(piece)
                    sent.add(piece.count)
                }
            }
        }
        try await parent.run { [parent] running in
            let child = try parent.child(port: running.port)
            let exchange = try await child.open(Route.exchange.rawValue)
            if isUpward {
                async let sending: Void = {
                    for _ in 0..<(total / piece.count) {
                        try await exchange.send(piece)
                        sent.add(piece.count)
                    }
                    try await exchange.finish()
                }()
                try await Task.sleep(for: .milliseconds(500))
                let early = sent.all.reduce(0, +)
                #expect(early < 3 * 1024 * 1024, "\(early) bytes went out while nobody read")
                gate.add(())
                try await sending
                #expect(try await exchange.incoming.joined() == Array("\(total)".utf8))
            } else {
                _ = try await exchange.response()
                try await Task.sleep(for: .milliseconds(500))
                let early = sent.all.reduce(0, +)
                #expect(early < 3 * 1024 * 1024, "\(early) bytes went out while nobody read")
                #expect(try await exchange.incoming.reduce(0) { $0 + $1.count } == total)
                try await exchange.finish()
            }
            await child.close()
        }
    }
}
