import ChangeSet
import ServiceModel

/// The change sets that go with one batch, chosen one at a time as long as its receiver would take it.
struct BatchChoice {
    private var order: [Int64] = []
    private var chosen: [Int64: Set<UInt64>] = [:]
    private var load = BatchLoad()
    /// About how many bytes they come to.
    private(set) var size = 0

    /// Runs in order of first appearance, each with the sequences that go.
    var runs: [(run: Int64, sequences: Set<UInt64>)] { order.map { ($0, chosen[$0] ?? []) } }

    /// - Returns: false, and nothing is chosen, when the receiver would not take a batch with this as well.
    mutating func add(
        _ run: Int64, _ sequence: UInt64, _ bytes: Int, _ transaction: Transaction, to addressee: Addressee
    ) throws -> Bool {
        guard chosen[run]?.contains(sequence) != true else { return true }
        // A size that the disk has changed is none; the change set itself is read by its digest.
        let bytes = min(max(bytes, 0), Limits.changeSetBytes)
        var next = load
        next.addRow(bytes: bytes)
        let seals = try transaction.sealsBetween(sequence, ofRun: run).filter { chosen[$0] == nil }
        var bytesOfSeals = 0
        for seal in seals {
            let body = try transaction.authorAndSeal(ofRun: seal).seal
            next.addRun(bytes: body)
            bytesOfSeals += body + BatchLoad.bytesPerRun
        }
        if chosen[run] == nil {
            let (author, seal) = try transaction.authorAndSeal(ofRun: run)
            next.addRun(bytes: seal)
            for opening in try transaction.openings(leadingTo: author, unknownTo: addressee, beside: next.openings) {
                next.add(opening.bytes, of: opening.author)
            }
        }
        // A first one goes alone, whatever it comes to.
        guard next.isTaken || order.isEmpty else { return false }
        load = next
        for seal in seals {
            order.append(seal)
            chosen[seal] = []
        }
        if chosen[run] == nil { order.append(run) }
        chosen[run, default: []].insert(sequence)
        size += bytes + 16 + bytesOfSeals
        return true
    }
}
