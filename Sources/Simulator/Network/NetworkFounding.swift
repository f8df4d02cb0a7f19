import Foundation
import Synchronization

/// How a large city comes to be: what is right below the root one after the other, then what is below each of those
/// side by side. Nobody's chance hangs on what others do, so that it is the same city in whatever order they are done.
extension SimulatedNetwork {
    /// A part of the network that one thread works on.
    private final class Branch: @unchecked Sendable {
        let network: SimulatedNetwork
        let names: [String]
        var failure: (any Error)?

        init(_ network: SimulatedNetwork, _ names: [String]) {
            self.network = network
            self.names = names
        }
    }

    /// Enrolls units below the root, from the top down, and brings each of them the charter.
    /// - Parameter progress: told how many of them have their node.
    func enroll(_ names: [String], progress: @escaping @Sendable (Int) -> Void) throws {
        let heads = names.filter { parent(of: $0) == root }
        let done = Mutex(0)
        for name in heads { try enroll(name, done, progress) }
        let below = Dictionary(grouping: names.filter { parent(of: $0) != root }) {
            path(above: $0).suffix(2).first ?? root
        }
        precondition(heads.count { below[$0] != nil } == below.count, "a unit above has no node")
        let branches = heads.compactMap { head in
            below[head].map { below in
                // What is closed is the same on however many cores.
                let share = mostOpen > names.count ? mostOpen : max(8, mostOpen * below.count / names.count)
                return Branch(SimulatedNetwork(branchOf: self, at: head, mostOpen: share), below)
            }
        }
        Lanes.run(branches.count, on: ProcessInfo.processInfo.activeProcessorCount) { index in
            let branch = branches[index]
            do {
                for name in branch.names { try branch.network.enroll(name, done, progress) }
            } catch {
                branch.failure = error
            }
        }
        for branch in branches {
            if let failure = branch.failure { throw failure }
            try takeBack(branch.network)
        }
    }

    private func enroll(_ name: String, _ done: borrowing Mutex<Int>, _ progress: (Int) -> Void) throws {
        try enroll(name)
        try exchange(name)
        try rest(name)
        done.withLock { done in
            done += 1
            progress(done)
        }
    }
}
