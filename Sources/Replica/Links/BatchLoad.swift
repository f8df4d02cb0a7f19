import ChangeSet
import Foundation
import ServiceModel

/// What a batch comes to while it is put together, held against what its receiver takes. Bytes are counted from above:
/// how the tree of a run is cut is not known before all of its rows are chosen.
struct BatchLoad {
    /// Left for the cursors, the joins and the frame's own bytes.
    private static let spare = 64 * 1024
    /// Signature, seal before, pin, author, seed and the numbers of a run.
    static let bytesPerRun = 64 + 32 + 16 + 16 + 16 + 64
    /// Salt, lengths, and the hashes of the absent subtrees beside one leaf of a run: one for each level of its tree.
    private static let bytesPerRow = 16 + 8 + 8 * 32

    private(set) var runs = 0
    private(set) var openings: [AuthorID: Data] = [:]
    private var bytes = 0

    /// - Parameter bytes: of the seal's body and of the change sets that come with it.
    mutating func addRun(bytes: Int) {
        runs += 1
        self.bytes += bytes + Self.bytesPerRun
    }

    mutating func addRow(bytes: Int) { self.bytes += bytes + Self.bytesPerRow }

    mutating func add(_ opening: Data, of author: AuthorID) {
        if openings.updateValue(opening, forKey: author) == nil { bytes += opening.count + 8 }
    }

    mutating func addJoin(bytes: Int) { self.bytes += bytes + 8 }

    var isTaken: Bool {
        runs <= Limits.runsPerBatch && openings.count <= Limits.openingsPerBatch
            && bytes <= Limits.frameBytes - Self.spare
    }
}
