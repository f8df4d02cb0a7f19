import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

extension Node {
    /// How long an enrollment code can be used, in seconds.
    package static let codePeriod: Int64 = 7 * 86_400

    /// Issues a one-time code by which a unit right below this one enrolls a node.
    /// - Parameter evenEnded: also for a unit that has ended, whose machine has still to bring up what it holds.
    /// - Throws: `NodeError.unknownUnit`, `.notParent`, `.ended`, `ClockError.nothingIssued`.
    package func issueEnrollmentCode(
        for unit: UnitCode, evenEnded: Bool = false, now: Moment
    ) throws -> EnrollmentCode {
        guard let code = EnrollmentCode(secret: [UInt8](entropy(10)), network: genesis.id.data) else {
            preconditionFailure("entropy gives what it is asked for")
        }
        let verifier = EnrollmentVerifier(code)
        try replica.write { transaction in
            try demandParent(of: unit, transaction)
            try demandClock(transaction, now: now)
            let last = transaction.charter.current.topology[unit]?.until
            guard evenEnded || last.map({ $0 >= now.day }) ?? true else { throw NodeError.ended(unit) }
            try transaction.keep(
                EnrollmentRow(
                    identifier: verifier.identifier, verifier: verifier.bytes, unit: unit,
                    expires: now.seconds + Self.codePeriod))
        }
        return code
    }

    /// Answers a request that came over a connection made with this key.
    /// - Parameter period: seconds for which the certificate is valid; only a simulated network has another one.
    /// - Throws: `EnrollmentRefusal`, `NodeError.notParent`, `ClockError.nothingIssued`, and what the certificate
    ///   cannot be made for.
    package func enroll(
        _ request: EnrollmentRequest, presented: P256PublicKey, validFor period: Int64 = nodePeriod, now: Moment
    ) throws -> EnrollmentGrant {
        try replica.write { transaction in
            guard let row = try transaction.enrollment(identifier: request.codeIdentifier),
                let verifier = EnrollmentVerifier(bytes: row.verifier)
            else { throw EnrollmentRefusal.unknownCode }
            let entry = EnrollmentLedgerEntry(
                verifier, unit: row.unit, expires: row.expires,
                grant: try row.answer.map { try EnrollmentGrant(json: $0) })
            switch try entry.accept(request, presented: presented, now: now.seconds).get() {
            case .again(let grant): return grant
            case .issue(let unit, let publicKey):
                try demandParent(of: unit, transaction)
                try demandClock(transaction, now: now)
                let ordinal = try transaction.nextOrdinal(of: unit)
                guard let tier = transaction.charter.current.topology.tier(of: unit),
                    let name = NodeName(unit: unit, tier: tier, ordinal: ordinal)
                else { throw NodeError.unknownUnit(unit.text) }
                let issued = try CertificateIssuer(node: nodeKey, chain: chain).chain(
                    for: name, publicKey, period: try Self.period(period, from: now),
                    serial: Self.serial(entropy))
                let grant = try EnrollmentGrant(
                    issued, authority: try AuthorityCertificate(der: genesis.authority), genesis: genesis.content,
                    genesisSignature: genesis.signature, issuer: try author(transaction), verifier: verifier)
                try transaction.answer(row.identifier, ordinal: ordinal, with: try grant.json)
                return grant
            }
        }
    }

    /// The ordinals of a unit's nodes are counted where they are given, so that two who give them would give one twice.
    private func demandParent(of unit: UnitCode, _ transaction: Transaction) throws {
        let topology = transaction.charter.current.topology
        guard topology.contains(unit) else { throw NodeError.unknownUnit(unit.text) }
        let parent = topology.parent(of: unit)
        guard parent == name.unit else { throw NodeError.notParent(unit, parent: parent) }
    }
}

/// A node that has no name yet: it asks its parent for one with a code that a clerk has typed.
package struct Enrollee: Sendable {
    package let code: EnrollmentCode
    package let request: EnrollmentRequest
    /// What it shows in TLS.
    package let certificate: EnrollmentCertificate
    package let key: NodeKey
    private let directory: NodeDirectory
    /// The node that this machine was, when it is enrolled anew.
    private let former: Node?

    /// The key is kept until the grant has come, so that an answer that was lost can be asked for again.
    /// - Throws: `NodeError.alreadyFounded`, `.remains`, `.denied`, `EnrollmentCodeProblem`.
    package init(code text: String, unit: UnitCode, in directory: NodeDirectory) throws {
        try directory.demandVacant()
        guard ReceiptNumber.canPrint(unit) else { throw NodeError.badInput(unit.text, wanted: .unitCode) }
        try directory.create()
        code = try EnrollmentCode(typed: text)
        if FileManager.default.fileExists(atPath: directory.nodeKey.path) {
            key = try directory.readNodeKey(directory.nodeKey)
        } else {
            key = directory.keys.key()
            try NodeDirectory.write(Data(key.pem.utf8), to: directory.nodeKey)
        }
        request = try EnrollmentRequest(code, unit: unit, publicKey: key.publicKey)
        certificate = try .selfSigned(key, unit: unit)
        self.directory = directory
        former = nil
    }

    /// A machine that was cut off asks for another name; it keeps its replica.
    /// - Throws: `EnrollmentCodeProblem`, `NodeError.file`.
    package init(code text: String, anew former: Node) throws {
        directory = former.directory
        code = try EnrollmentCode(typed: text)
        let file = directory.next.nodeKey
        if FileManager.default.fileExists(atPath: file.path) {
            key = try directory.readNodeKey(file)
        } else {
            key = directory.keys.key()
            try NodeDirectory.write(Data(key.pem.utf8), to: file)
        }
        request = try EnrollmentRequest(code, unit: former.name.unit, publicKey: key.publicKey)
        certificate = try .selfSigned(key, unit: former.name.unit)
        self.former = former
    }

    /// Asks once more with the key that a node has, where another one is told that the code is used: the node may have
    /// used it itself, and not have come to an end. A used code gives nothing new.
    /// - Throws: `EnrollmentCodeProblem`.
    package init(code text: String, of node: Node) throws {
        directory = node.directory
        code = try EnrollmentCode(typed: text)
        key = node.nodeKey
        request = try EnrollmentRequest(code, unit: node.name.unit, publicKey: key.publicKey)
        certificate = try .selfSigned(key, unit: node.name.unit)
        former = node
    }

    /// Whether what is granted is the name that the machine has.
    /// - Parameter presented: the certificates that the parent showed in TLS, its own first.
    /// - Throws: `EnrollmentGrantProblem`.
    package func isNamed(by grant: EnrollmentGrant, presented: [[UInt8]]) throws -> Bool {
        _ = try grant.accepted(with: code, for: request, presented: presented)
        return grant.name == former?.name
    }

    /// Becomes the node that the grant makes of it.
    /// - Parameter presented: the certificates that the parent showed in TLS, its own first.
    /// - Throws: `EnrollmentGrantProblem`, `WireError`, and what files throw.
    package func take(
        _ grant: EnrollmentGrant, presented: [[UInt8]], now: Moment, entropy: @escaping @Sendable (Int) -> Data
    ) throws -> Node {
        _ = try grant.accepted(with: code, for: request, presented: presented)
        let signed = WireSigned.with {
            $0.content = grant.genesis
            $0.signature = grant.genesisSignature
        }
        let genesis = try SignedGenesis(bytes: try signed.serializedBytes())
        guard genesis.authority == Data(grant.authority.der) else { throw EnrollmentGrantProblem.genesis }
        if let former {
            try former.become(grant.chain, nodeKey: key, now: now)
        } else {
            try Node.establish(directory, genesis: genesis, chain: grant.chain, nodeKey: key, entropy: entropy)
        }
        return try Node(directory, now: now, entropy: entropy)
    }
}

extension Node {
    /// Gives this machine another name. What it wrote under the old one is sealed under that, and goes up as the work
    /// of who was cut: proposals, where the cut does not let it stand.
    fileprivate func become(_ chain: CertificateChain, nodeKey: NodeKey, now: Moment) throws {
        guard chain.leaf.name.unit == name.unit else { throw EnrollmentGrantProblem.otherNode }
        try seal(now: now)
        try directory.writeNext(nodeKey, directory.keys.sealKey(), chain)
        try replica.write { transaction in
            try transaction.rename(ordinal: chain.leaf.name.ordinal)
            try transaction.renew(incarnation: Self.incarnation(entropy))
        }
        try replica.close()
    }
}
