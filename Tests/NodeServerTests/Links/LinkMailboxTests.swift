import Testing

@testable import NodeServer

@Suite struct LinkMailboxTests {
    /// A reader of the line that waits to hand its bytes over must not outlive the exchange: it kept a node from
    /// stopping.
    @Test func whoWaitsGoesOnWhenNobodyReads() async {
        let mailbox = LinkMailbox()
        await mailbox.put(.bytes([1]))
        let waiting = Task { await mailbox.put(.bytes([2])) }
        await Task.yield()
        await mailbox.close()
        await waiting.value
        await mailbox.put(.bytes([3]))
    }

    /// The line is lost for the reader and for the sender of one exchange at once.
    @Test func twoWhoWaitBothGoOn() async {
        let mailbox = LinkMailbox()
        await mailbox.put(.bytes([1]))
        let waiting = (2...3).map { number in Task { await mailbox.put(.bytes([number])) } }
        for _ in 0..<100 { await Task.yield() }
        var numbers: [UInt8] = []
        for _ in 1...3 { if case .bytes(let bytes) = await mailbox.next() { numbers += bytes } }
        #expect(numbers.sorted() == [1, 2, 3])
        await mailbox.put(.bytes([4]))
        let late = (5...6).map { number in Task { await mailbox.put(.bytes([number])) } }
        for _ in 0..<100 { await Task.yield() }
        await mailbox.close()
        for task in waiting + late { await task.value }
    }

    @Test func bytesComeInOrderAndNewsIsSaidOnce() async {
        let mailbox = LinkMailbox()
        await mailbox.announce(.news)
        await mailbox.announce(.news)
        await mailbox.put(.bytes([7]))
        guard case .bytes([7]) = await mailbox.next() else {
            Issue.record("bytes first")
            return
        }
        guard case .sign(.news) = await mailbox.next() else {
            Issue.record("then news")
            return
        }
        await mailbox.announce(.tick)
        guard case .sign(.tick) = await mailbox.next() else {
            Issue.record("news only once")
            return
        }
    }

    /// The other end says in its last bytes why it takes no more, and closes: the sender may hear of it first.
    @Test func whatTheOtherEndSaidComesBeforeThatNothingCanBeSent() async {
        struct Unsent: Error {}
        let mailbox = LinkMailbox()
        await mailbox.lost(Unsent())
        let line = Task {
            await mailbox.put(.bytes([1]))
            await mailbox.put(.ended(nil))
        }
        guard case .bytes([1]) = await mailbox.next() else {
            Issue.record("bytes first")
            return
        }
        guard case .ended(nil) = await mailbox.next() else {
            Issue.record("then the end")
            return
        }
        guard case .ended(.some(let error)) = await mailbox.next(), error is Unsent else {
            Issue.record("then the loss")
            return
        }
        await line.value
    }
}
