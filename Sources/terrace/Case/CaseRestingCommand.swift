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
            the papers; then --seen notes that this was done, and the doctor speaks of it no more. Ends with 0, also
            when nothing rests. Example:
              terrace case resting --data village
              terrace case resting --data village --seen
            """)

    @OptionGroup var node: NodeOptions

    @Flag(help: "Note that a person has looked after all that is listed.")
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

        init(_ row: RestingRow) {
            receipt = row.receipt
            item = row.item
            applicant = row.applicant
            time = row.time
            feed = "\(row.feed)"
            action = row.action
            isSeen = row.isSeen
        }
    }

    func run() throws {
        let node = try seen ? node.open() : node.openToRead()
        let rows =
            try seen
            ? node.replica.write { transaction in
                try transaction.noteRestingSeen(time: SystemClock.now().seconds)
                return try transaction.resting()
            } : node.replica.read { try $0.resting() }
        guard format == .table else { return try rows.map(Line.init).printJSON() }
        guard !rows.isEmpty else { return print(Words("nothing rests", "没有搁置的内容")[.current]) }
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
