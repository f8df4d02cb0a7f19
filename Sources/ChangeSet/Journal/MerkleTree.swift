import Crypto
import Foundation
import ServiceModel

/// The tree of RFC 9162 over the leaves of one run, of which some parts may be known only by their hash.
package struct MerkleTree: Sendable {
    package struct Node: Hashable, Sendable {
        package let start: Int
        package let count: Int

        package init(start: Int, count: Int) {
            self.start = start
            self.count = count
        }

        /// The two halves: the left one is the largest power of two below the count.
        var halves: (Node, Node) {
            let left = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
            return (Node(start: start, count: left), Node(start: start + left, count: count - left))
        }
    }

    package let count: Int
    private var known: [Node: Digest32] = [:]

    package init(count: Int) {
        precondition(count > 0)
        self.count = count
    }

    package init(leaves: [Digest32]) {
        self.init(count: leaves.count)
        for (index, leaf) in leaves.enumerated() { set(leaf, at: index) }
    }

    package mutating func set(_ leaf: Digest32, at index: Int) {
        known[Node(start: index, count: 1)] = leaf
    }

    /// A subtree of which only the hash is known. It must be one that `root` descends to.
    package mutating func set(_ hash: Digest32, of node: Node) {
        known[node] = hash
    }

    package var top: Node { Node(start: 0, count: count) }

    /// nil when a part is unknown.
    package var root: Digest32? { hash(of: top) }

    package func hash(of node: Node) -> Digest32? {
        if let hash = known[node] { return hash }
        guard node.count > 1 else { return nil }
        let (left, right) = node.halves
        guard let a = hash(of: left), let b = hash(of: right) else { return nil }
        return Self.inner(a, b)
    }

    private static func inner(_ left: Digest32, _ right: Digest32) -> Digest32 {
        var content = Data(capacity: 65)
        content.append(0x01)
        content.append(left)
        content.append(right)
        return Digest32(hashing: content)
    }

    /// The maximal subtrees without a present leaf, left to right.
    package func absentSubtrees(present: (Int) -> Bool) -> [Node] {
        var out: [Node] = []
        func visit(_ node: Node) -> Bool {
            if node.count == 1 { return !present(node.start) }
            let mark = out.count
            let (left, right) = node.halves
            let leftEmpty = visit(left)
            if leftEmpty { out.append(left) }
            let rightEmpty = visit(right)
            if leftEmpty && rightEmpty {
                out.removeSubrange(mark...)
                return true
            }
            if rightEmpty { out.append(right) }
            return false
        }
        if visit(top) { out.append(top) }
        return out
    }
}
