import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

/// What a new network is called and begins with.
package struct NetworkPlan: Sendable {
    package var network: String
    package var root: UnitCode
    package var rootName: String
    /// Names of the tiers, from the top.
    package var tiers: [String]

    package init(network: String, root: UnitCode, rootName: String, tiers: [String]) {
        self.network = network
        self.root = root
        self.rootName = rootName
        self.tiers = tiers
    }
}

extension Node {
    /// How long certificates are valid, in seconds: ten years for the authority's and the root's, which nobody above
    /// can enroll again, three for every other node's.
    package static let authorityPeriod: Int64 = 10 * 366 * 86_400
    package static let nodePeriod: Int64 = 3 * 366 * 86_400
    /// Certificates are valid from a day before, for machines whose clock is behind.
    static let clockTolerance: Int64 = 86_400

    /// Makes a network: its authority, its genesis, and the node of its root unit.
    /// - Throws: `NodeError.alreadyFounded`, `.remains`, `.denied`, and what files and keys throw.
    package static func found(
        _ plan: NetworkPlan, in directory: NodeDirectory, now: Moment, entropy: @escaping @Sendable (Int) -> Data
    ) throws -> Node {
        try directory.demandVacant()
        guard ReceiptNumber.canPrint(plan.root) else { throw NodeError.badInput(plan.root.text, wanted: .unitCode) }
        let names = 1...SignedGenesis.longestName
        guard names.contains(plan.rootName.count) else {
            throw NodeError.badInput(plan.rootName, wanted: Words("a name for the root unit", "根单位的名称"))
        }
        guard (1...SignedGenesis.mostTiers).contains(plan.tiers.count), Set(plan.tiers).count == plan.tiers.count,
            plan.tiers.allSatisfy({ names.contains($0.count) })
        else {
            throw NodeError.badInput(
                plan.tiers.joined(separator: ","),
                wanted: Words(
                    "1 to \(SignedGenesis.mostTiers) different names of tiers", "1到\(SignedGenesis.mostTiers)个不同的层级名称"))
        }
        try directory.create()
        let authorityKey: AuthorityKey = directory.keys.key()
        let authority = try CertificateIssuer.authority(
            authorityKey, network: plan.network, period: try period(authorityPeriod, from: now), serial: serial(entropy)
        )
        let genesis = try SignedGenesis(
            network: plan.network, authority: Data(authority.der), root: plan.root, rootName: plan.rootName,
            tiers: plan.tiers, random: entropy(16), time: now.seconds, sign: { try authorityKey.signature(for: $0) })
        guard let name = NodeName(unit: plan.root, tier: 0, ordinal: 1) else {
            throw NodeError.badInput(plan.root.text)
        }
        let nodeKey: NodeKey = directory.keys.key()
        let chain = try CertificateIssuer(authority: authorityKey, certificate: authority).chain(
            for: name, nodeKey.publicKey, period: try period(authorityPeriod, from: now), serial: serial(entropy))
        try establish(
            directory, genesis: genesis, chain: chain, nodeKey: nodeKey, authorityKey: authorityKey, entropy: entropy)
        return try Node(directory, now: now, entropy: entropy)
    }

    /// Writes keys, database and, last, the certificates, whose presence says that the folder holds a node. The
    /// authority's key comes right before them: nobody founds over one, so that an attempt that was cut off is in the
    /// way of the next for as short as can be.
    /// - Throws: `NodeError.remains`, and what files throw.
    static func establish(
        _ directory: NodeDirectory, genesis: SignedGenesis, chain: CertificateChain, nodeKey: NodeKey,
        authorityKey: AuthorityKey? = nil, entropy: (Int) -> Data
    ) throws {
        // An answer may have been waited for since it was looked last.
        try directory.demandVacant()
        try NodeDirectory.write(Data(nodeKey.pem.utf8), to: directory.nodeKey)
        try NodeDirectory.write(Data(directory.keys.sealKey().pem.utf8), to: directory.sealKey)
        // What an attempt that did not get this far has left behind is of no author yet.
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: directory.replica.path + suffix)
        }
        let replica = try directory.openReplica(creates: true)
        let name = chain.leaf.name
        try replica.write { transaction in
            try transaction.establish(
                genesis: genesis, unit: name.unit, ordinal: name.ordinal, incarnation: incarnation(entropy))
        }
        try replica.close()
        try DurableFile.handOver(directory.replica)
        if let authorityKey {
            try NodeDirectory.write(Data(authorityKey.pem.utf8), to: directory.authorityKey)
        }
        try directory.writeCertificates(chain)
    }

    static func incarnation(_ entropy: (Int) -> Data) -> UInt64 {
        max(entropy(8).reduce(0) { $0 << 8 | UInt64($1) }, 1)
    }

    static func serial(_ entropy: (Int) -> Data) -> [UInt8] {
        var bytes = [UInt8](entropy(12))
        bytes[0] = bytes[0] & 0x7f | 0x01
        return bytes
    }

    static func period(_ length: Int64, from now: Moment) throws -> CertificatePeriod {
        guard let period = CertificatePeriod(from: now.seconds - clockTolerance, until: now.seconds + length) else {
            throw NodeError.badInput("\(now.seconds)")
        }
        return period
    }
}
