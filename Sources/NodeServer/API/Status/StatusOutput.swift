import Replica
import ServiceModel
import SyncNode

/// Who a node is, what it holds, and how its lines stand, as a program reads it.
package struct StatusOutput: Encodable {
    /// Where another unit stands today, seen from this one.
    package enum Side: String, CaseIterable, Encodable {
        case parent
        /// Further up.
        case above
        case below
        /// It was one of those, or is ended.
        case elsewhere

        init(of other: UnitCode, from own: UnitCode, in topology: Topology) {
            if topology.parent(of: own) == other {
                self = .parent
            } else if topology.isAbove(other, own) {
                self = .above
            } else {
                self = topology.isAbove(own, other) ? .below : .elsewhere
            }
        }
    }

    package struct Contact: Encodable {
        package let unit: String
        package let name: String
        package let node: UInt32
        package let side: Side
        /// The charter has cut this machine: it is heard no more.
        package let isCut: Bool
        /// Seconds since 1970 by this node's clock.
        package let last: Int64
    }

    /// A verified backup.
    package struct Backup: Encodable {
        /// Seconds since 1970 by this node's clock.
        package let time: Int64
        package let isOnOtherDisk: Bool
        package let place: String
        /// Change sets that came since.
        package let newer: Int
    }

    package struct Uplink: Encodable {
        package let isUp: Bool
        /// Seconds since 1970; left out before the first attempt has ended.
        package let since: Int64?
        /// Through whom it goes, or went last; left out before there was one.
        package let unit: String?
        package let name: String?
        package let node: UInt32?
        package let isParent: Bool?
        /// It is down and nothing is wrong with it.
        package let isPaused: Bool
        /// Why it is down, or why it does not go through the parent.
        package let code: String?
        package let message: String?
    }

    /// The last comparison with a neighbour, and the last proof that both hold the same.
    package struct Comparison: Encodable {
        package let unit: String
        package let node: UInt32
        /// Seconds since 1970 by this node's clock.
        package let time: Int64
        /// Runs of change sets of which the neighbour, or this node, lacked something.
        package let lackedThere: Int
        package let lackedHere: Int
        /// Seconds since 1970 by this node's clock; left out while there is no proof.
        package let proven: Int64?
    }

    /// Whether the unit above holds the same.
    package struct Proof: Encodable {
        /// Nothing differed when both were compared last.
        package let isEqual: Bool
        /// Seconds since 1970 by this node's clock; left out while there is no proof.
        package let proven: Int64?

        init(_ standing: ProofStanding) {
            isEqual = standing.isEqual
            proven = standing.proven
        }
    }

    package struct Clock: Encodable {
        /// Seconds since 1970.
        package let shows: Int64
        /// What speaks against it; left out while nothing does.
        package let code: String?
        package let message: String?
        /// Whether an act needs its legal day said.
        package let needsDay: Bool
    }

    package struct Health: Encodable {
        /// Change sets that the disk had changed, and that have not come again.
        package let absent: Int
        /// Change sets that the disk has changed and that nobody else has, until a person has looked after that.
        package let lost: Int
        /// Records that this program cannot derive.
        package let setAside: Int
        /// Seconds since 1970, when everything was looked through last; left out when that never was.
        package let checked: Int64?
        /// What was found then.
        package let damaged: Int?
        /// Cases with a change set of a kind that this program does not know.
        package let unknownKinds: Int
    }

    /// The last pass over the closed cases.
    package struct Retention: Encodable {
        /// Seconds since 1970 by this node's clock.
        package let time: Int64
        /// Cases that left then.
        package let retired: Int
        /// Closed cases that stayed, by reason.
        package let kept: [String: Int]
    }

    package let unit: String
    package let name: String
    package let node: UInt32
    package let network: String
    package let charter: UInt64
    package let units: Int
    package let cases: Int
    package let unsettled: Int
    package let unsent: Int
    /// Cases of which something waits to be sent up, and since when: seconds since 1970 by its author's clock.
    package let unsentCases: Int
    package let unsentSince: Int64?
    /// Change sets of an earlier incarnation that were never sealed, and do not count.
    package let resting: Int
    package let contacts: [Contact]
    package let comparisons: [Comparison]
    /// With the unit above; left out while both were never compared, and at the root.
    package let proof: Proof?
    /// The last one on another disk than the data's, and the last one on the same.
    package let backups: [Backup]
    /// The link upward; left out where nobody serves, and at the root.
    package let uplink: Uplink?
    package let clock: Clock
    package let health: Health
    /// Left out while closed cases were never looked at.
    package let retention: Retention?

    /// - Parameter language: of what is said of the link and the clock.
    package init(
        _ node: Node, uplink state: LineState? = nil, now: Moment, in language: Language,
        _ transaction: Transaction
    ) throws {
        let view = transaction.charter.current, topology = view.topology
        let counts = try transaction.caseCounts()
        contacts = try transaction.contacts().filter { $0.time > 0 }.map {
            Contact(
                unit: $0.unit.text, name: topology[$0.unit]?.name ?? "", node: $0.node,
                side: Side(of: $0.unit, from: node.name.unit, in: topology),
                isCut: view.isCutNode(unit: $0.unit, enrollment: $0.node), last: $0.time)
        }
        let proofs = try transaction.equalities()
        comparisons = try transaction.comparisons().map { outcome in
            Comparison(
                unit: outcome.unit.text, node: outcome.node, time: outcome.time, lackedThere: outcome.lackingThere,
                lackedHere: outcome.lackingHere,
                proven: proofs.first { $0.unit == outcome.unit && $0.node == outcome.node }?.time)
        }
        backups = try transaction.backups().map {
            Backup(
                time: $0.time, isOnOtherDisk: $0.isOnOtherDisk, place: $0.place,
                newer: try transaction.arrived(behind: $0.position))
        }
        unit = node.name.unit.text
        name = topology[node.name.unit]?.name ?? ""
        self.node = node.name.ordinal
        network = node.genesis.network
        charter = transaction.pin.number
        units = topology.count
        cases = counts.all
        unsettled = counts.unsettled
        let waiting = try transaction.lineStanding().waiting
        unsent = waiting.changeSets
        unsentCases = waiting.cases
        unsentSince = waiting.oldest
        proof = try transaction.proofStanding().map { Proof($0) }
        let standing = try node.clock(transaction, now: now)
        clock = Clock(
            shows: now.seconds, code: standing.doubt?.code,
            message: standing.doubt.map { ErrorText.words($0, in: language) }, needsDay: standing.needsDay)
        resting = try transaction.unsentOfEarlierIncarnations()
        let report = try transaction.health()
        health = Health(
            absent: report.absent, lost: report.lost, setAside: report.setAside, checked: report.scrub?.finished,
            damaged: report.scrub?.damaged, unknownKinds: report.unknownKinds)
        retention = try transaction.lastRetentionPass().map { pass in
            Retention(
                time: pass.time, retired: pass.retired,
                kept: Dictionary(pass.kept.map { ($0.key.rawValue, $0.value.cases) }, uniquingKeysWith: +))
        }
        uplink = state.map { state in
            Uplink(
                isUp: state.isUp, since: state.since, unit: state.through?.unit.text,
                name: state.through.map { topology[$0.unit]?.name ?? "" }, node: state.through?.node,
                isParent: state.through?.isParent, isPaused: state.isPaused, code: state.failure?.code,
                message: state.failure.map { ErrorText.words($0, in: language) })
        }
    }
}
