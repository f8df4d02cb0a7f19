import ArgumentParser
import ChangeSet
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace case resting`.
struct CaseRestingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resting",
        abstract: "List what this machine wrote in an earlier incarnation and can never send.",
        discussion: """
            After a restore, a salvage or a lost anchor the machine goes on as a new incarnation. What the one before
            had not sealed rests: it counts nowhere, unless a neighbour has it and brings it back. Enter it again from
            the papers; with a receipt all is shown that was entered. Then --seen notes that this was done, of all that
            rests, and the doctor speaks of it no more. Ends with 0, also when nothing rests. Example:
              terrace case resting --data village
              terrace case resting --data village 379902001001-1-0000042-K7P-J
              terrace case resting --data village --seen
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The receipt number of a case: show what was entered for it.")
    var receipt: String?

    @Flag(help: "Note that a person has looked after all that rests.")
    var seen = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Line: Encodable {
        let receipt: String?
        let item: String?
        let applicant: String?
        /// Seconds since 1970.
        let time: Int64?
        let feed: String
        let action: String?
        let isSeen: Bool
        /// Of the service item.
        let code: String?
        let day: String?
        let fields: [String: String]?
        let text: String?
        let missing: [String]?

        init(_ row: RestingRow) {
            receipt = row.receipt
            item = row.item
            applicant = row.applicant
            time = row.time
            feed = "\(row.feed)"
            action = row.action
            isSeen = row.isSeen
            code = row.body?.promise?.item
            day = row.body.map { CivilDay.text($0.day) }
            fields = row.body.map { Dictionary($0.writes.map { ($0.field, $0.value) }) { $1 } }
            text = row.body?.text
            missing = row.body?.missing
        }

        /// For whoever enters it again.
        func show() {
            let what = [receipt, action, day, code, item].compactMap(\.self)
            TextTable.show(what.joined(separator: "  "))
            for (field, value) in (fields ?? [:]).sorted(by: { $0.key < $1.key }) {
                TextTable.show("  \(field) = \(value)")
            }
            for line in [text ?? ""] + (missing ?? []) where !line.isEmpty { TextTable.show("  \(line)") }
        }
    }

    func validate() throws {
        if seen, receipt != nil {
            throw ValidationError(
                Words("give a receipt or --seen, which is of all that rests", "回执编号与 --seen 只能用一个，后者针对全部搁置内容"))
        }
    }

    func run() throws {
        let receipt = try receipt.map { try ReceiptNumber(typed: $0).description }
        let node = try seen ? node.open() : node.openToRead()
        let rows =
            try seen
            ? node.replica.write { transaction in
                try transaction.noteRestingSeen(time: SystemClock.now().seconds)
                return try transaction.resting()
            } : node.replica.read { try $0.resting(receipt: receipt) }
        guard format == .table else { return try rows.map(Line.init).printJSON() }
        guard !rows.isEmpty else {
            let nothing = receipt.map { Words("nothing of \($0) rests", "\($0)没有搁置的内容") }
            return print((nothing ?? Words("nothing rests", "没有搁置的内容"))[.current])
        }
        if receipt != nil { return rows.forEach { Line($0).show() } }
        var table = TextTable(Self.columns.map { ($0[.current], .left) })
        for row in rows {
            table.add([
                row.receipt ?? "-", row.action ?? "-", row.time.map(CivilTime.text) ?? "-", row.applicant ?? "-",
                row.item ?? "-", row.isSeen ? Words("yes", "是")[.current] : "-",
            ])
        }
        for line in table.lines { print(line) }
    }

    private static let columns = [
        Words("receipt", "回执编号"), Words("action", "动作"), Words("written", "写入时间"), Words("applicant", "申请人"),
        Words("item", "事项"), Words("seen", "已处理"),
    ]
}
