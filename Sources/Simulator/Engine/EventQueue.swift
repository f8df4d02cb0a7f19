/// What is due when: by virtual time, and at one time in the order in which it was put in.
package struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry {
        let time: Int64
        let sequence: UInt64
        let event: Event

        func isBefore(_ other: Entry) -> Bool { (time, sequence) < (other.time, other.sequence) }
    }

    /// A binary heap.
    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }
    /// When the next one is due; nil when there is none.
    package var nextTime: Int64? { heap.first?.time }

    package mutating func put(_ event: Event, at time: Int64) {
        sequence += 1
        heap.append(Entry(time: time, sequence: sequence, event: event))
        var at = heap.count - 1
        while at > 0, heap[at].isBefore(heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    package mutating func take() -> (time: Int64, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var at = 0
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != at else { return }
            heap.swapAt(at, least)
            at = least
        }
    }
}
