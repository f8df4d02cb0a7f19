/// Brings the events of a link to the one task that runs it. Bytes wait until they are taken, so that a slow replica
/// slows the line instead of filling the memory; news and ticks only say that they happened.
actor LinkMailbox {
    enum Event: Sendable {
        case bytes([UInt8])
        /// The other end's body has ended, or the line is lost.
        case ended((any Error)?)
        case news
        case tick
        /// The bytes that were to be sent are on their way.
        case sent
        /// The node is being stopped.
        case stop
    }

    private var letter: Event?
    private var senders: [CheckedContinuation<Void, Never>] = []
    private var reader: CheckedContinuation<Void, Never>?
    private var hasNews = false
    private var hasTick = false
    private var hasSent = false
    private var isStopped = false
    private var isClosed = false

    /// Waits until the bytes before it were taken, or until nobody takes any.
    func put(_ event: Event) async {
        while letter != nil, !isClosed {
            await withCheckedContinuation { senders.append($0) }
        }
        guard !isClosed else { return }
        letter = event
        wakeReader()
    }

    func announceNews() {
        hasNews = true
        wakeReader()
    }

    func announceTick() {
        hasTick = true
        wakeReader()
    }

    func announceSent() {
        hasSent = true
        wakeReader()
    }

    func stop() {
        isStopped = true
        wakeReader()
    }

    /// Nobody reads any more: whoever waits to put something goes on.
    func close() {
        isClosed = true
        letter = nil
        wakeSenders()
    }

    /// The next event. Only one task may ask.
    func next() async -> Event {
        while true {
            if isStopped {
                isStopped = false
                return .stop
            }
            if hasSent {
                hasSent = false
                return .sent
            }
            if let event = letter {
                letter = nil
                wakeSenders()
                return event
            }
            if hasNews {
                hasNews = false
                return .news
            }
            if hasTick {
                hasTick = false
                return .tick
            }
            await withCheckedContinuation { reader = $0 }
        }
    }

    /// Takes what still comes, whatever it is, until the other end's body has ended or the node is being stopped.
    func drain() async {
        while true {
            switch await next() {
            case .bytes, .news, .tick, .sent: continue
            case .ended, .stop: return
            }
        }
    }

    private func wakeSenders() {
        for sender in senders { sender.resume() }
        senders = []
    }

    private func wakeReader() {
        reader?.resume()
        reader = nil
    }
}
