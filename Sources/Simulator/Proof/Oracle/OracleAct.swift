import ChangeSet
import ServiceModel

/// A change set as the oracle reads it.
struct OracleAct {
    typealias Parent = (leaf: Leaf, author: AuthorID, sequence: UInt64)

    var leaf: Leaf
    var author: AuthorID
    var sequence: UInt64
    var parents: [Parent] = []
    var pin: EntryDigest
    var kind: UInt32
    var target: String?
    var route: [String] = []
    var writes: [(field: String, value: String)] = []
    var admits: [Leaf] = []
    var declines: [Leaf] = []
    var evidence = false
    var mustUnderstand = false
    var isReadable = true

    var answers: [Leaf] { admits + declines }
}
