/// Brings the events of a link to the one task that runs it. Bytes wait until they are taken, so that a slow replica
/// slows the line instead of filling the memory; news and ticks only say that they happened.
actor LinkMailbox {
    enum Event: Sendable {
        case bytes([UInt8])
        /// The other end's body has ended, or the line is lost.
        case ended((any Error)?)
        case sign(Sign)
    }

    /// What only says that it happened, however often.
    enum Sign: Sendable {
        /// The node is being stopped.
        case stop
        /// The bytes that were to be sent are on their way.
        case sent
        /// The other end has taken the request.
        case answered
        /// The exchange is to end in good order, for another one to begin.
        case leave
        case news
        case tick
    }

    /// In this order, the bytes between them.
    private static let urgent: [Sign] = [.stop, .sent, .answered, .leave]
    private static let others: [Sign] = [.news, .tick]

    private var signs: Set<Sign> = []
    private var letter: Event?
    private var senders: [CheckedContinuation<Void, Never>] = []
    private var reader: CheckedContinuation<Void, Never>?
    private var isClosed = false
    private var isEnded = false
    private var unsent: (any Error)?

    /// Waits until the bytes before it were taken, or until nobody takes any.
    func put(_ event: Event) async {
        while letter != nil, !isClosed {
            await withCheckedContinuation { senders.append($0) }
        }
        guard !isClosed else { return }
        letter = event
        wakeReader()
    }

    /// A piece off the line, in smaller ones: what each inflates to is in memory until it is done.
    func put(_ bytes: [UInt8]) async {
        var rest = bytes[...]
        while !rest.isEmpty, !isClosed {
            await put(.bytes([UInt8](rest.prefix(TransportLimits.takenBytes))))
            rest = rest.dropFirst(TransportLimits.takenBytes)
        }
    }

    func announce(_ sign: Sign) {
        signs.insert(sign)
        wakeReader()
    }

    /// No more can be sent. It is said when the other end's body has ended: why it takes nothing, it has often said
    /// there.
    func lost(_ error: any Error) {
        unsent = error
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
            if let sign = take(Self.urgent) { return .sign(sign) }
            if let event = letter {
                letter = nil
                if case .ended = event { isEnded = true }
                wakeSenders()
                return event
            }
            if isEnded, let error = unsent { return .ended(error) }
            if let sign = take(Self.others) { return .sign(sign) }
            await withCheckedContinuation { reader = $0 }
        }
    }

    private func take(_ order: [Sign]) -> Sign? { order.first { signs.remove($0) != nil } }

    /// Takes what still comes, whatever it is, until the other end's body has ended or the node is being stopped.
    func drain() async {
        while true {
            switch await next() {
            case .ended, .sign(.stop): return
            case .bytes, .sign: continue
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
