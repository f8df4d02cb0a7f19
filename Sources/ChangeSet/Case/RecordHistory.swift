import Foundation
import ServiceModel

/// The held change sets of one record, made ready for the fold: links become leaves, bodies become writes.
package struct RecordHistory: Sendable {
    /// A change set with what its run says of it. Shared by the copies of a history.
    package final class Entry: Sendable {
        package let placed: PlacedChangeSet
        package let changeSet: ChangeSet
        /// nil where it is none of casework, or cannot be read.
        package let body: CaseBody?
        package let pin: EntryDigest
        /// Digest of its run's seal and of the one before; nil while the own run is open.
        package let run: (seal: Digest32, previous: Digest32)?

        /// - Throws: `WireError` when the envelope cannot be read.
        package init(_ placed: PlacedChangeSet, pin: EntryDigest, run: (seal: Digest32, previous: Digest32)?) throws {
            self.placed = placed
            changeSet = try ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence)
            body = placed.place.feed == .casework ? try? CaseBody(changeSet.body) : nil
            self.pin = pin
            self.run = run
        }
    }

    /// In the order given.
    package private(set) var entries: [Entry] = []
    private var byPlace: [Place: [Int]] = [:]
    /// Of the authors whose journal has forked: which seal goes on after which.
    package var chains: [Digest32: Digest32] = [:]
    /// By place, what is held of other records to which a fork gave the same number.
    package var twins: [Place: Set<Leaf>] = [:]

    package init() {}

    package mutating func append(_ entry: Entry) {
        byPlace[entry.placed.place, default: []].append(entries.count)
        entries.append(entry)
    }

    package func entry(_ leaf: Leaf) -> Entry? { entries.first { $0.placed.leaf.leaf == leaf } }

    /// The requests that a change set admits, in the order in which they act; those that are not held are left out.
    package func admitted(by entry: Entry) -> [Entry] {
        entry.changeSet.admits.compactMap { self.entry(leaf($0, of: entry)) }
    }

    /// What the fold reads.
    package var acts: [Act] { entries.map(act) }

    /// A change set as the fold reads it. What must be understood and cannot be read here waits.
    package func act(_ entry: Entry) -> Act {
        let changeSet = entry.changeSet
        let place = entry.placed.place
        let body = entry.body
        let evidence =
            switch changeSet.evidence {
            case nil: false
            case .presumedLost, .head: true
            }
        return Act(
            leaf: entry.placed.leaf.leaf, author: place.author, sequence: place.sequence,
            isCreation: changeSet.record == .created,
            parents: changeSet.parents.map { link in
                let (author, sequence) = link.target(from: place)
                return Act.Parent(leaf: leaf(link, of: entry), author: author, sequence: sequence)
            },
            pin: entry.pin, kind: changeSet.kind, target: changeSet.target, route: changeSet.route,
            writes: body?.writes ?? [], admits: changeSet.admits.map { leaf($0, of: entry) },
            declines: changeSet.declines.map { leaf($0, of: entry) }, evidence: evidence,
            understood: !changeSet.mustUnderstand || body != nil, mustUnderstand: changeSet.mustUnderstand)
    }

    /// The leaf that a link names. In a forked journal a distance back leads along the chain of seals; where that chain
    /// is not held, or the change set is missing, no leaf is named and the change set waits.
    private func leaf(_ link: ChangeSet.Link, of entry: Entry) -> Leaf {
        switch link {
        case .foreign(_, _, let leaf): return leaf
        case .back(let distance):
            let own = entry.placed.place
            let place = Place(author: own.author, feed: own.feed, sequence: own.sequence - distance)
            let candidates = (byPlace[place] ?? []).map { entries[$0] }
            if candidates.count == 1, twins.isEmpty { return candidates[0].placed.leaf.leaf }
            let leaves = Set(candidates.map(\.placed.leaf.leaf))
            if let only = leaves.first, leaves.count == 1, twins[place]?.isSubset(of: leaves) ?? true { return only }
            return onChain(of: entry, candidates)?.placed.leaf.leaf ?? Self.noLeaf
        }
    }

    /// Where a distance back leads along one of several lines, and the order of seals that is held does not tell which:
    /// the places at its two ends, in the order of arrival.
    package var untold: [(back: Place, from: Place)] {
        guard !chains.isEmpty else { return [] }
        return entries.flatMap { entry -> [(back: Place, from: Place)] in
            let own = entry.placed.place
            let links = entry.changeSet.parents + entry.changeSet.admits + entry.changeSet.declines
            return links.compactMap { link in
                guard case .back(let distance) = link, leaf(link, of: entry) == Self.noLeaf else { return nil }
                let place = Place(author: own.author, feed: own.feed, sequence: own.sequence - distance)
                return byPlace[place] == nil && twins[place] == nil ? nil : (place, own)
            }
        }
    }

    /// The one that is in the run of `entry` or in one that leads to it.
    private func onChain(of entry: Entry, _ candidates: [Entry]) -> Entry? {
        if let own = candidates.first(where: { $0.run?.seal == entry.run?.seal }) { return own }
        var previous = entry.run?.previous
        while let seal = previous {
            if let found = candidates.first(where: { $0.run?.seal == seal }) { return found }
            previous = chains[seal]
        }
        return nil
    }

    /// Stands for a change set that is not held; no digest comes out as this.
    private static let noLeaf = Leaf(Bytes16(high: 0, low: 0))
}
