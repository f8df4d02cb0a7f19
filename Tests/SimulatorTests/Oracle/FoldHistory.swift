import ServiceModel

@testable import Simulator

/// A line of `fixtures/fold`, as the oracle takes it.
struct FoldHistory: Decodable {
    struct Unit: Decodable {
        let code: String
        let tier: Int
        let parent: String?
    }

    struct Machine: Decodable {
        let id: String
        let unit: String
        let enrollment: UInt32
        let depth: UInt32
    }

    struct Cutting: Decodable {
        let author: Machine
        let through: UInt64
        let digest: String?
        let from: UInt64?
        let kept: [String]?
        let heir: String?
        let scope: [UInt32]?
        let lost: [[UInt64]]
    }

    struct Entry: Decodable {
        let number: UInt64
        let digest: String
        let previous: String?
        let change: String
        let units: [Unit]?
        let last: Bool?
        let unit: String?
        let parent: String?
        let kind: UInt32?
        let cut: Cutting?
        let orphan: String?
    }

    struct ChangeSet: Decodable {
        let leaf: String
        let author: String
        let sequence: UInt64
        let parents: [[String]]
        let pin: String
        let kind: UInt32
        let target: String?
        let route: [String]?
        let writes: [[String]]?
        let admits: [String]?
        let declines: [String]?
        let evidence: Bool?
    }

    struct Outcome: Decodable {
        let status: [String: String]
        let chain: [String]
        let holder: String?
        let phase: String?
        let inDoubt: Bool
        let values: [String: [String]]
        let conflicts: [String: [String]]
        let units: [String]
        let audience: [String]
        let heads: [String]
        let frozen: [String]
    }

    let seed: UInt64
    let entries: [Entry]
    let authors: [Machine]
    let changeSets: [ChangeSet]
    let outcome: Outcome

    var authorsByID: [AuthorID: OracleAuthor] {
        Dictionary(authors.map { ($0.author.id, $0.author) }) { $1 }
    }

    var acts: [OracleAct] {
        changeSets.map { set in
            var act = OracleAct(
                leaf: Leaf(set.leaf.name), author: AuthorID(set.author.name), sequence: set.sequence,
                isCreation: set.parents.isEmpty, pin: EntryDigest(set.pin.name), kind: set.kind)
            act.parents = set.parents.map { (Leaf($0[0].name), AuthorID($0[1].name), UInt64($0[2]) ?? 0) }
            act.target = set.target
            act.route = set.route ?? []
            act.writes = (set.writes ?? []).map { ($0[0], $0[1]) }
            act.admits = (set.admits ?? []).map { Leaf($0.name) }
            act.declines = (set.declines ?? []).map { Leaf($0.name) }
            act.evidence = set.evidence ?? false
            return act
        }
    }

    var charterEntries: [OracleCharter.Entry] {
        entries.map { entry in
            OracleCharter.Entry(
                number: entry.number, digest: EntryDigest(entry.digest.name),
                previous: entry.previous.map { EntryDigest($0.name) }, change: entry.oracleChange)
        }
    }
}

extension FoldHistory.Machine {
    var author: OracleAuthor {
        OracleAuthor(id: AuthorID(id.name), unit: unit, enrollment: enrollment, depth: depth)
    }
}

extension FoldHistory.Entry {
    var oracleChange: OracleCharter.Change {
        let all = Dictionary((units ?? []).map { ($0.code, OracleCharter.Unit(tier: $0.tier, parent: $0.parent)) }) {
            $1
        }
        return switch change {
        case "genesis": .units(all, last: true)
        case "units": .units(all, last: last ?? true)
        case "move": .move(unit: unit ?? "", parent: parent ?? "")
        case "grant": .grant(unit: unit ?? "", kind: kind ?? 0)
        case "join": (orphan?.name).map { .join(EntryDigest($0)) } ?? .other
        case "cut": cut.map { .cut($0.oracleCut) } ?? .other
        default: .other
        }
    }
}

extension FoldHistory.Cutting {
    var oracleCut: OracleCut {
        var out = OracleCut(author: author.author, through: through, leaf: digest.map { Leaf($0.name) }, heir: heir)
        out.forkFrom = from ?? 0
        out.forkKept = Set((kept ?? []).map { Leaf($0.name) })
        out.scope = scope.map(Set.init)
        out.lost = lost.map { $0[0]...$0[1] }
        return out
    }
}

extension String {
    /// Thirty-two hexadecimal digits, or sixteen and zeros.
    var name: Bytes16 {
        Bytes16(hex: self) ?? Bytes16(high: UInt64(self, radix: 16) ?? 0, low: 0)
    }
}
