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

    @Test func bytesComeInOrderAndNewsIsSaidOnce() async {
        let mailbox = LinkMailbox()
        await mailbox.announceNews()
        await mailbox.announceNews()
        await mailbox.put(.bytes([7]))
        guard case .bytes([7]) = await mailbox.next() else {
            Issue.record("bytes first")
            return
        }
        guard case .news = await mailbox.next() else {
            Issue.record("then news")
            return
        }
        await mailbox.announceTick()
        guard case .tick = await mailbox.next() else {
            Issue.record("news only once")
            return
        }
    }
}
