import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace scrub`.
struct ScrubCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Look through everything on the disk: every change set against its signature, every table.",
        discussion: """
            SQLite has no checksums of its own: this finds the bytes that a disk has changed. A serving node does it
            once a night; this does it now, beside a serving node or without one. It ends with 0 where nothing is wrong,
            with 1 where something is.

            With --take-out what is damaged leaves the journal (its bytes are kept in the table damaged_run), so that
            everything else goes on; the neighbours bring it again. With --taken-out nothing is looked through: it says
            what was taken out and has not come again, before all else what is lost, and which cases that concerned.
            Accept or act on those again; then --taken-out --seen lists them a last time and notes that this was done,
            of those that it lists as lost, and the doctor speaks of them no more. Example:
              terrace scrub --data village --take-out
              terrace scrub --data village --taken-out --seen
            """)

    @OptionGroup var node: NodeOptions

    @Flag(help: "Take what is damaged out of the journal.")
    var takeOut = false

    @Flag(help: "Only say what was taken out and has not come again.")
    var takenOut = false

    @Flag(help: "With --taken-out: note that a person has looked after what it lists as lost.")
    var seen = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func validate() throws {
        if takeOut, takenOut {
            throw ValidationError(Words("give --take-out or --taken-out, not both", "--take-out 与 --taken-out 只能用一个"))
        }
        if seen, !takenOut {
            throw ValidationError(Words("give --seen with --taken-out", "--seen 须与 --taken-out 一起使用"))
        }
    }

    func run() throws {
        let node = try takeOut || seen ? node.open() : node.openToRead()
        guard !takenOut else {
            let listed = try report(takenOutOf: node.replica)
            // Only now, and only of these: what was never shown is not looked after.
            if seen { try node.replica.write { try $0.noteLostSeen(listed, time: SystemClock.now().seconds) } }
            return
        }
        let (scrub, found) = try Self.scrub(node)
        let taken = takeOut && scrub.structure == nil ? try node.takeOutDamage(now: SystemClock.now()) : nil
        try report(scrub, found, taken)
        if !found.isEmpty { throw ExitCode.failure }
    }

    private static let pauseBetweenWords: TimeInterval = 2

    /// Looks through everything, and says on standard error how far it has got.
    static func scrub(_ node: Node) throws -> (scrub: Scrub, found: [Damage]) {
        var told = Date()
        return try node.scrub(now: SystemClock.now) { scrub in
            guard Date().timeIntervalSince(told) >= pauseBetweenWords else { return }
            told = Date()
            let words = Words("\(scrub.checked) runs looked through", "已检查\(scrub.checked)段")
            FileHandle.standardError.write(Data("\(words[.current])\n".utf8))
        }
    }

    // MARK: - Reports

    struct Output: Encodable {
        struct Finding: Encodable {
            let code: String
            let message: String
        }

        let runs: Int
        let damages: [Finding]
        let takenOut: [TakenOutLine]?
        /// Rows by which something was owed, which the next comparison brings.
        let widenings: Int?
        /// What decides who has what was wrong.
        let wasMisled: Bool?
        let mended: Int?
        let isNewIncarnation: Bool?

        init(runs: Int, _ found: [Damage], _ taken: TakenOut?) {
            self.runs = runs
            damages = found.map { Finding(code: $0.code, message: $0.words[.current]) }
            takenOut = taken?.runs.map(TakenOutLine.init)
            widenings = taken?.widenings
            wasMisled = taken?.wasMisled
            mended = taken?.mended
            isNewIncarnation = taken?.endsAuthor
        }
    }

    private func report(_ scrub: Scrub, _ found: [Damage], _ taken: TakenOut?) throws {
        guard format == .table else { return try Output(runs: scrub.checked, found, taken).printJSON() }
        for damage in found { print(damage.words[.current]) }
        print(
            Words(
                "\(scrub.checked) runs looked through, \(found.count) damages",
                "共检查\(scrub.checked)段，发现损坏\(found.count)处")[
                    .current])
        guard let taken else { return }
        for run in taken.runs { print(TakenOutLine(run).text) }
        if taken.widenings > 0 {
            print(
                Words(
                    "\(taken.widenings) rows by which something was owed taken out: the next comparison brings it",
                    "移出所欠内容的记录\(taken.widenings)条：下次核对时补送")[.current])
        }
        if taken.wasMisled {
            print(
                Words(
                    "what decides who has what was wrong, and was made again: all is compared with the neighbours",
                    "决定各单位应得内容的数据有误，已重建：将与上下级全部核对")[.current])
        }
        if taken.mended > 0 {
            print(Words("\(taken.mended) damages put right in place", "就地修正\(taken.mended)处")[.current])
        }
        if taken.endsAuthor {
            print(
                Words(
                    "this node goes on as a new incarnation, so that no number is given twice",
                    "本节点以新的化身继续，以免序号重复")[.current])
        }
    }

    /// - Returns: what it has listed.
    private func report(takenOutOf replica: Replica) throws -> [TakenOut.Run] {
        let (runs, changeSets) = try replica.read { transaction in
            // A program is told everything.
            let runs = try format == .table ? transaction.takenOut() : transaction.takenOut(limit: .max)
            return (runs, try transaction.countOfTakenOut().all)
        }
        guard format == .table else {
            try runs.map(TakenOutLine.init).printJSON()
            return runs
        }
        for run in runs { print(TakenOutLine(run).text) }
        if runs.isEmpty { print(Words("nothing is taken out", "没有移出的内容")[.current]) }
        let more = changeSets - runs.reduce(0) { $0 + $1.said.count }
        if more > 0 {
            print(
                Words(
                    "and \(more) more change sets, of which none is lost and not looked after",
                    "另有\(more)条变更，其中没有丢失而未处理的")[.current])
        }
        return runs
    }
}

/// What was taken out, for people and programs.
struct TakenOutLine: Encodable {
    struct ChangeSet: Encodable {
        let sequence: UInt64
        let action: String?
        let actor: String?
        let day: String?
        let receipt: String?
        let applicant: String?
    }

    let unit: String?
    let feed: String?
    let first: UInt64?
    let last: UInt64?
    /// Nobody else has it.
    let isLost: Bool
    /// A person has looked after what is lost.
    let isSeen: Bool
    let changeSets: [ChangeSet]

    private let words: Words

    enum CodingKeys: String, CodingKey {
        case unit, feed, first, last, isLost, isSeen, changeSets
    }

    init(_ run: TakenOut.Run) {
        unit = run.name.unit?.text
        feed = run.name.feed.map { "\($0)" }
        first = run.name.sequences?.lowerBound
        last = run.name.sequences?.upperBound
        isLost = run.isLost
        isSeen = run.isSeen
        changeSets = run.said.map {
            ChangeSet(
                sequence: $0.sequence, action: $0.action, actor: $0.actor, day: $0.day.map(CivilDay.text),
                receipt: $0.receipt, applicant: $0.applicant)
        }
        words = run.name.words
    }

    /// What is lost is said change set by change set.
    var text: String {
        let state =
            isLost
            ? Words(": had not been sent, and is lost", "：尚未上报，已丢失")
                + (isSeen ? Words(" (seen)", "（已处理）") : Words("", ""))
            : Words(": comes again from a neighbour", "：将由上下级补回")
        var lines = [(words + state)[.current]]
        if isLost {
            lines += changeSets.map { one in
                let parts = ["\(one.sequence)", one.action, one.receipt, one.applicant, one.actor, one.day].compactMap(
                    \.self)
                return "  " + parts.map { TextTable.printable($0) }.joined(separator: "  ")
            }
        }
        return lines.joined(separator: "\n")
    }
}
