import ChangeSet
import ServiceModel

/// Something that a scrub found changed by the disk, or not as it should be.
package enum Damage: Hashable, Sendable {
    /// A run's change sets are not what its author signed, or what this node wrote.
    case run(RunName)
    /// Columns that repeat something of a run, or of an author's opening, do not say what it says.
    case repeated(RunName)
    case opening(row: Int64, AuthorID?)
    case heartbeat(row: Int64)
    /// A row of the order of arrival by which something is owed to a unit.
    case widening(position: Int64)
    /// What these tables have of a record is not what the journal gives.
    case record(Int64, tables: [String])
    /// Anything else that is derived is not what the journal gives.
    case derived(String)
    /// An index does not find every row, or rows that are derived are out of order; the text is SQLite's.
    case index(String)
    /// A cell that no rule lets be so; the text is SQLite's.
    case cell(String)
    /// A page of the file; the text is SQLite's.
    case structure(String)

    /// What takes it out or makes it again, where that can be done in the file as it is.
    var note: DamageNotes.Note? {
        switch self {
        case .run(let run), .repeated(let run): .run(run.run)
        case .opening(let row, _): .opening(row)
        case .heartbeat(let row): .heartbeat(row)
        case .widening(let position): .widening(position)
        case .record(let record, _): .record(record)
        case .derived: .derived
        case .index: .index
        case .cell, .structure: nil
        }
    }

    /// Stable, for reports and documentation.
    package var code: String {
        switch self {
        case .run: "damage.run"
        case .repeated: "damage.repeated"
        case .opening: "damage.opening"
        case .heartbeat: "damage.heartbeat"
        case .widening: "damage.widening"
        case .record, .derived, .index: "damage.derived"
        case .cell: "damage.cell"
        case .structure: "damage.structure"
        }
    }

    package var words: Words {
        switch self {
        case .run(let run):
            run.words + Words(": not what was signed; a neighbour may have it", "：与签名不符，上下级若有则可补回")
        case .repeated(let run):
            run.words + Words(": sound, but its columns say otherwise", "：内容完好，但所附各列与之不符")
        case .opening(let row, let author):
            Words(
                "the opening of the author \(author?.description ?? "in row \(row)"): a neighbour may have it",
                "作者\(author?.description ?? "（第\(row)行）")的开篇：上下级若有则可补回")
        case .heartbeat(let row):
            Words(
                "the heartbeat of the author in row \(row): the next one takes its place",
                "第\(row)行作者的心跳：下一次心跳将取代它")
        case .widening(let position):
            Words(
                "what is owed to a unit, noted at position \(position): a comparison brings it",
                "第\(position)位记下的、所欠某单位的内容：由核对补送")
        case .record(let record, let tables):
            Damage.derived("\(tables.joined(separator: ", ")) \(record)").words
        case .derived(let what), .index(let what):
            Words("\(what): not what the journal gives; it is made again", "\(what)：与日志不符，可重建")
        case .cell(let what): Words("a cell: \(what)", "单元内容：\(what)")
        case .structure(let what):
            Words(
                "the file itself (\(what)): stop the node and run `terrace salvage`",
                "文件本身（\(what)）：请停止节点并运行 terrace salvage")
        }
    }
}
