import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// The other end of a link whose words a courier carries: whom a bundle is for.
struct CourierNeighbour: Sendable {
    let name: NodeName
    let key: P256PublicKey
    /// It stands below this node.
    let isBelow: Bool
}

extension Node {
    /// The latest node of a unit above or below, with the key of its certificate: that of an opening, of the
    /// certificate that was issued here, or of this node's own chain.
    /// - Throws: `BundleError.notNeighbour`, `.unknownRecipient`, `.cutRecipient`, `.onHold`.
    func courierNeighbour(_ unit: UnitCode) throws -> CourierNeighbour {
        try replica.read { transaction in
            guard let isBelow = isBelow(unit, transaction) else { throw BundleError.notNeighbour(unit) }
            let certificates =
                try transaction.openings(ofUnit: unit).compactMap { opening in
                    try opening.opening.certificates.first.map { try NodeCertificate(der: $0) }
                }
                + transaction.enrollmentAnswers(forUnit: unit).map { try EnrollmentGrant(json: $0).chain.leaf }
                + chain.certificates.filter { $0.name.unit == unit }
            let view = transaction.charter.current
            let usable = certificates.filter {
                !view.isCutNode(unit: $0.name.unit, enrollment: $0.name.ordinal)
            }
            guard let latest = usable.max(by: { $0.name.ordinal < $1.name.ordinal }) else {
                throw certificates.isEmpty ? BundleError.unknownRecipient(unit) : .cutRecipient(unit)
            }
            guard !view.isOnHold(unit) else { throw BundleError.onHold(unit) }
            return CourierNeighbour(name: latest.name, key: latest.publicKey, isBelow: isBelow)
        }
    }

    /// Who made a volume, by its certificates, judged as on a connection, but that a machine that was cut may have made
    /// it.
    /// - Throws: `BundleError.unknownSender`, `.onHold`, `CertificateProblem`.
    func courierSender(_ header: WireBundleHeader, now: Moment) throws -> VerifiedChain {
        let verdict = judge(presented: header.certificates.map { [UInt8]($0) }, role: .sender, now: now)
        switch verdict {
        case .refused(.held(let name)): throw BundleError.onHold(name.unit)
        case .refused(let problem): throw problem
        case .node(let name, let chain) where name.unit.text == header.senderUnit && name.ordinal == header.senderNode:
            return chain
        case .node, .enrolling: throw BundleError.unknownSender(header.sender)
        }
    }

    /// Why nothing is taken of a unit that stands neither above this node nor below it.
    func stranger(_ sender: NodeName, _ transaction: Transaction) throws -> BundleError {
        let hasMet = try transaction.contacts().contains { $0.unit == sender.unit && $0.time > 0 }
        guard hasMet, let parent = transaction.charter.current.topology.parent(of: sender.unit) else {
            return .unknownSender(sender.description)
        }
        return .movedAway(sender.description, under: parent)
    }

    /// Whether a unit stands below this node's today, as far as the charter is known here; nil when it stands neither
    /// below nor above.
    func isBelow(_ unit: UnitCode, _ transaction: Transaction) -> Bool? {
        let topology = transaction.charter.current.topology
        if topology.isAbove(name.unit, unit) { return true }
        return topology.isAbove(unit, name.unit) ? false : nil
    }
}
