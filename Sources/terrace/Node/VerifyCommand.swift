import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that two nodes hold the same.",
        discussion: """
            With --with, this node and the one above it compare what they hold: casework and published items that were
            written here or below, or that concern a unit there. When nothing differs both sign it, and each keeps the
            other's signature; `terrace status` shows the last proof. When something differs it says how much, and ends
            with 1; with --repair this node first looks through its disk and takes out what that has changed, both send
            what the other lacks, and they compare again. What has left this node it cannot send. It works beside a
            serving node, and waits for it while its line to the parent is up. The settings' rate is kept to.

            With --unit it prints a fingerprint of that unit's cases, computed again from journal bytes: leaves, folded
            state, audience, conflicts. It is the same at every node that holds the same.

            With --receipt it prints the last proof with each neighbour, or with that of --with, above or below: who has
            signed what and when, with both signatures, and checks them; it ends with 1 when one does not hold. Example:
              terrace verify --with 379902
              terrace verify --with 379902 --repair
              terrace verify --unit 379902001001
              terrace verify --receipt
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of the unit whose cases are meant.")
    var unit: String?

    @Option(name: .customLong("with"), help: "Code of the unit above, with whose node this one is compared.")
    var other: String?

    @Flag(help: "Send what either lacks.")
    var repair = false

    @Flag(help: "Print the last proof that both have signed, and check the signatures.")
    var receipt = false

    @Option(help: ArgumentHelp("The sync port above, where it is not the one of the settings.", valueName: "host:port"))
    var uplink: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func validate() throws {
        guard !receipt || unit == nil && !repair && uplink == nil else {
            throw ValidationError(Words("--receipt goes with --with alone", "--receipt 只能与 --with 同用"))
        }
        guard receipt || (unit == nil) != (other == nil) else {
            throw ValidationError(Words("say either --unit or --with", "请用 --unit 或 --with 之一"))
        }
        guard !repair || other != nil else {
            throw ValidationError(Words("--repair needs --with", "--repair 须与 --with 同用"))
        }
    }

    func run() async throws {
        if receipt { return try printReceipts() }
        if let unit { return try printFingerprint(of: unit) }
        if let other { try await compare(with: other) }
    }

    // MARK: - With another node

    private struct Comparison: Encodable {
        let with: String
        let isEqual: Bool
        /// Runs of change sets of which the other node, or this one, lacked something.
        let lackedThere: Int
        let lackedHere: Int
        /// Of the last comparison: runs of which the other end lacked what has left this node, and cannot be sent.
        let gone: Int
        /// Whether that was sent.
        let repaired: Bool
        /// Of the first comparison: messages that this node answered, and body bytes on the wire with what was sent;
        /// left out where a serving node has compared.
        let rounds: Int?
        let sentBytes: Int?
        let receivedBytes: Int?
        /// Seconds since 1970 of the last proof that both have signed; left out while there is none.
        let proven: Int64?
        let runs: Int?
        let changeSets: Int?
    }

    private func compare(with other: String) async throws {
        let node = try node.open()
        let parent = try node.replica.read { $0.charter.current.topology.parent(of: node.name.unit) }
        guard let parent, parent.text == other else { throw NodeError.notComparable(other, parent: parent?.text) }
        if repair {
            _ = try ScrubCommand.scrub(node)
            for run in try node.takeOutDamage(now: SystemClock.now()).runs {
                FileHandle.standardError.write(Data("\(TakenOutLine(run).text)\n".utf8))
            }
        }
        let made = try await compared(node, with: parent, repairs: repair)
        let first = made.outcome
        // What was mended is proven by comparing once more.
        let again = repair && !first.isEqual ? try await compared(node, with: parent, repairs: false) : made
        let (last, report) = (again.outcome, made.report)
        let proof =
            try again.proof
            ?? node.replica.read { transaction in
                try transaction.equalities().last { $0.unit == parent }
            }
        let output = Comparison(
            with: other, isEqual: last.isEqual, lackedThere: first.lackingThere, lackedHere: first.lackingHere,
            gone: last.gone, repaired: repair && !first.isEqual, rounds: report?.comparison?.rounds,
            sentBytes: report?.sentBytes, receivedBytes: report?.receivedBytes, proven: proof?.time, runs: proof?.runs,
            changeSets: proof?.changeSets)
        switch format {
        case .json: try output.printJSON()
        case .table: print(Self.words(output)[.current])
        }
        guard last.isEqual else { throw ExitCode.failure }
    }

    private static func words(_ output: Comparison) -> Words {
        let lacked = Words(
            "\(output.with) lacked something of \(output.lackedThere) runs, this node of \(output.lackedHere)",
            "\(output.with)缺少\(output.lackedThere)段内容，本节点缺少\(output.lackedHere)段")
        let equal = Words(
            "this node and \(output.with) hold the same, and both have signed it: \(output.runs ?? 0) runs, "
                + "\(output.changeSets ?? 0) change sets",
            "本节点与\(output.with)内容一致，双方均已签名：\(output.runs ?? 0)段，\(output.changeSets ?? 0)条变更")
        let gone = Words(
            ". Something of \(output.gone) runs has left this node, which cannot send it: see `terrace doctor`",
            "。其中\(output.gone)段的部分内容已从本节点移出，无法补送：请运行 `terrace doctor`")
        let isMendable = output.lackedThere > output.gone || output.lackedHere > 0
        let again = Words(": run this again with --repair", "：请加 --repair 重新运行")
        switch (output.isEqual, output.repaired) {
        case (true, false): return equal
        case (true, true): return lacked + Words("; that was sent. ", "，已补齐。") + equal
        case (false, _) where output.gone > 0: return (isMendable && !output.repaired ? lacked + again : lacked) + gone
        case (false, false): return lacked + again
        case (false, true):
            return lacked
                + Words(
                    "; that was sent, and new work has come since: run this again", "，已发送；其间又有新内容：请重新运行")
        }
    }

    /// By this process, or by the one that serves the node.
    private func compared(
        _ node: Node, with parent: UnitCode, repairs: Bool
    ) async throws -> (outcome: ComparisonOutcome, proof: ProvenEquality?, report: LinkReport?) {
        let (asked, wish) = try node.replica.read {
            (try AskedComparison(with: parent, $0), try $0.wishedComparison())
        }
        var (report, through): (LinkReport?, UpperNode?)
        do {
            let settings = try NodeSettings.read(node.directory)
            guard let address = uplink ?? settings.uplink?.list.first else { throw NodeError.noUplink }
            (report, through) = try await Uplink.once(
                node, to: [try PeerEndpoint(typed: address)], mode: repairs ? .repairs : .looks,
                terms: try settings.terms())
        } catch is ServerLockError {
            let serial = try node.replica.write { try $0.wishComparison(repairs: repairs) }
            try await carriedOut(serial, node, with: parent)
        }
        let isOlder = report?.needsNewerParent == true
        let (outcome, proof) = try node.replica.read { [through] in
            try asked.result(through: through, needsNewerParent: isOlder, $0)
        }
        // Nobody serves this node who would: what was asked for before has been done with it.
        if report != nil, let wish, repairs || !wish.repairs {
            try node.replica.write { try $0.noteComparison(carriedOut: wish.serial) }
        }
        return (outcome, proof, report)
    }

    /// Waits for the serving node, which compares with its next exchange: for as long as its line to the parent is up,
    /// and two minutes without it. The serving node itself gives a line up on which nothing moves.
    private func carriedOut(_ serial: Int64, _ node: Node, with parent: UnitCode) async throws {
        let pause = Duration.milliseconds(100)
        var patience = Duration.seconds(120)
        while patience > .zero {
            if try node.replica.read({ try $0.isCarriedOut(serial) }) { return }
            let line = LinkNote.read(node.directory)
            try line?.demandComparingParent(parent)
            if let why = line?.keepsFromComparing { throw NodeError.notCompared(why) }
            if line?.reachesParent != true { patience -= pause }
            try await Task.sleep(for: pause)
        }
        throw NodeError.notCompared(LinkNote.read(node.directory)?.failure?.words)
    }

    // MARK: - Receipt

    private func printReceipts() throws {
        let node = try node.openToRead()
        let kept = try node.replica.read { try $0.equalityReceipts() }
        let receipts = kept.filter { other == nil || $0.proof.unit.text == other }.map {
            ReceiptOutput($0, network: node.genesis.id)
        }
        guard !receipts.isEmpty else { throw NodeError.noProof(other) }
        switch format {
        case .json: try receipts.printJSON()
        case .table: for receipt in receipts { print(receipt.words[.current]) }
        }
        guard receipts.allSatisfy(\.holds) else { throw ExitCode.failure }
    }

    // MARK: - Fingerprint

    private func printFingerprint(of unit: String) throws {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        let print = try node.openToRead().replica.read { transaction in
            guard transaction.charter.current.topology.contains(code) else { throw NodeError.unknownUnit(unit) }
            return try transaction.fingerprint(of: code)
        }
        struct Output: Encodable {
            let unit: String
            let fingerprint: String
            let cases: Int
            let changeSets: Int
            let conflicts: Int
            let pending: Int
            let void: Int
        }
        switch format {
        case .json:
            try Output(
                unit: unit, fingerprint: print.digest.description, cases: print.cases, changeSets: print.changeSets,
                conflicts: print.conflicts, pending: print.pending, void: print.void
            ).printJSON()
        case .table:
            Swift.print("\(print.digest)  \(unit)")
            Swift.print(
                "cases \(print.cases), change sets \(print.changeSets), conflicts \(print.conflicts), "
                    + "pending \(print.pending), void \(print.void)")
        }
    }
}
