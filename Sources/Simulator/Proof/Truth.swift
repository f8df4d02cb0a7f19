import ChangeSet
import Foundation
import ServiceModel

/// What some replicas together hold, folded by the oracle. Of one replica it is what that one should show.
struct Truth {
    struct Record {
        let creation: Place
        /// Tells apart the cases to which a fork gave one number.
        let first: RawAct?
        let acts: [Leaf: RawAct]
        let oracle: Oracle
        let state: OracleState
    }

    let charter: OracleCharter
    let authors: [AuthorID: OracleAuthor]
    /// In the order of their creations, those of one number by their least change sets.
    let records: [Record]
    /// The place of each change set's record in `records`.
    let byLeaf: [Leaf: Int]
    /// The kinds of actions for which there is no rule in it.
    let lacking: Set<UInt32>

    init(_ replicas: some Collection<HeldReplica>, _ memory: OracleMemory, lacking: Set<UInt32> = []) throws {
        self.lacking = lacking
        authors = replicas.reduce(into: [:]) { $0.merge($1.authors) { one, _ in one } }
        let counted = replicas.flatMap { $0.journal.rows.filter(\.counts) }
        let log = Set(counted.lazy.filter { $0.place.feed == .charter }.map(\.bytes))
        charter = try memory.charter(
            genesis: replicas.first?.genesis ?? Data(), changeSets: log,
            joins: replicas.reduce(into: []) { $0.formUnion($1.joins) })
        var acts: [Leaf: RawAct] = [:]
        let seals = replicas.reduce(into: [Data: Data]()) { $0.merge($1.journal.seals) { one, _ in one } }
        for row in counted where row.place.feed == .casework {
            if acts[row.leaf.leaf]?.add(row) == nil { acts[row.leaf.leaf] = memory.act(row) }
        }
        var records: [Record] = []
        for (creation, family) in Dictionary(grouping: acts.values, by: \.record) {
            for siblings in Self.twins(family, seals) {
                let (oracle, state) = memory.fold(
                    siblings.map { $0.act(among: family, seals: seals) }, authors, charter, lacking)
                records.append(
                    Record(
                        creation: creation, first: siblings.first(where: \.isCreation),
                        acts: Dictionary(siblings.map { ($0.leaf, $0) }) { one, _ in one }, oracle: oracle,
                        state: state))
            }
        }
        records.sort(by: Self.isBefore)
        self.records = records
        byLeaf = Dictionary(records.enumerated().flatMap { at, one in one.acts.keys.map { ($0, at) } }) { one, _ in one
        }
    }

    private static func isBefore(_ a: Record, _ b: Record) -> Bool {
        let (one, two) = (a.creation, b.creation)
        guard one == two else { return (one.author, one.sequence) < (two.author, two.sequence) }
        guard let first = a.acts.keys.min(), let second = b.acts.keys.min() else { return false }
        return first < second
    }

    subscript(_ leaf: Leaf) -> Record? { byLeaf[leaf].map { records[$0] } }

    /// A record is the creation among a change set's ancestors.
    private static func twins(_ family: [RawAct], _ seals: [Data: Data]) -> [[RawAct]] {
        let creations = family.filter(\.isCreation).map(\.leaf)
        guard creations.count > 1, let least = creations.min() else { return [family] }
        var origin = Dictionary(uniqueKeysWithValues: creations.map { ($0, $0) })
        var grew = true
        while grew {
            grew = false
            for act in family where !act.isCreation {
                let parents = act.act(among: family, seals: seals).parents
                guard let found = parents.compactMap({ origin[$0.leaf] }).min(),
                    origin[act.leaf].map({ found < $0 }) ?? true
                else { continue }
                origin[act.leaf] = found
                grew = true
            }
        }
        return Array(Dictionary(grouping: family) { origin[$0.leaf] ?? least }.values)
    }
}

/// What the oracle has read and folded already: most of a network is as it was a step ago, and alike at all nodes.
package final class OracleMemory {
    private struct Key: Hashable {
        let acts: [[Leaf]]
        let authors: Set<AuthorID>
        let charter: ObjectIdentifier
        let lacking: Set<UInt32>
    }

    private struct Log: Hashable {
        let changeSets: Set<Data>
        let joins: Set<Data>
    }

    private static let most = 200_000

    private var acts: [Digest32: RawAct] = [:]
    private var charters: [Log: OracleCharter] = [:]
    private var folds: [Key: (Oracle, OracleState)] = [:]

    package init() {}

    func act(_ row: HeldJournal.Row) -> RawAct? {
        if let held = acts[row.leaf] { return held.inRow(row) }
        if acts.count > Self.most { acts = [:] }
        acts[row.leaf] = RawAct(row)
        return acts[row.leaf]
    }

    func charter(genesis: Data, changeSets: Set<Data>, joins: Set<Data>) throws -> OracleCharter {
        let log = Log(changeSets: changeSets, joins: joins)
        if let held = charters[log] { return held }
        let charter = try OracleCharter(genesis: genesis, changeSets: changeSets, joins: joins)
        charters[log] = charter
        return charter
    }

    func fold(
        _ acts: [OracleAct], _ authors: [AuthorID: OracleAuthor], _ charter: OracleCharter, _ lacking: Set<UInt32>
    ) -> (Oracle, OracleState) {
        let named = Set(acts.map(\.author).filter { authors[$0] != nil })
        let key = Key(
            acts: acts.map { [$0.leaf] + $0.parents.map(\.leaf) }.sorted { $0[0] < $1[0] }, authors: named,
            charter: ObjectIdentifier(charter), lacking: lacking)
        if let held = folds[key] { return held }
        let oracle = Oracle(
            acts, authors: authors.filter { named.contains($0.key) }, charter: charter,
            rules: OracleRules.version1.without(lacking))
        if folds.count > Self.most { folds = [:] }
        folds[key] = (oracle, oracle.state())
        return (oracle, oracle.state())
    }
}
