import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A walk through everything that a replica holds, in steps of their own transactions, so that a server goes on
/// meanwhile. It recomputes what can be: SQLite's pages have no checksums.
package struct Scrub: Hashable, Sendable {
    enum Phase: Int64, CaseIterable {
        case authors = 1
        case runs = 2
        case widenings = 3
        case records = 4
        case tables = 5
        case units = 6

        /// How many are looked at in one step.
        var most: Int {
            switch self {
            case .authors: 64
            case .widenings: 256
            case .runs, .records: 32
            case .tables, .units: 1
            }
        }
    }

    /// Seconds since 1970.
    package let began: Int64
    /// nil when all was looked at.
    private(set) var phase: Phase?
    /// The last row of the phase that was looked at.
    private(set) var after: Int64
    /// Runs that were recomputed.
    package private(set) var checked: Int
    package private(set) var damaged: Int
    /// What SQLite finds wrong with its own file.
    package private(set) var structure: String?

    package init(began: Int64) {
        self.began = began
        phase = .authors
        after = 0
        checked = 0
        damaged = 0
    }

    package var isFinished: Bool { phase == nil }

    /// Whether it is still at what can be recomputed from bytes alone.
    var recomputes: Bool { phase == .authors || phase == .runs || phase == .widenings }

    init(_ row: Row) throws {
        began = try row[0]
        phase = Phase(rawValue: try row[1])
        after = try row[2]
        checked = try row[3]
        damaged = try row[4]
        structure = try row[5]
    }

    /// What the table `scrub` keeps of it, but for its end.
    var cells: [(any DatabaseValueConvertible)?] { [began, phase?.rawValue ?? 0, after, checked, damaged, structure] }

    /// Does the next step.
    /// - Parameters:
    ///   - isSigned: whether an opening's own certificate signed it.
    /// - Returns: what was found; each is noted in the replica.
    /// - Throws: `ReplicaError`, but for `.unreadable`, which is a finding.
    package mutating func step(
        _ replica: Replica, isSigned: @escaping (SignedOpening) -> Bool
    ) throws -> [Damage] {
        guard let phase else { return [] }
        var found: ScrubFindings
        do {
            found =
                switch phase {
                case .authors: try replica.read { try $0.scrubAuthors(after: after, most: phase.most, isSigned) }
                case .runs: try replica.read { try $0.scrubRuns(after: after, most: phase.most) }
                case .widenings: try replica.read { try $0.scrubWidenings(after: after, most: phase.most) }
                case .records: try replica.scrubRecords(after: after, most: phase.most)
                case .tables: try replica.read { try $0.scrubTable(Int(after)) }
                case .units: try replica.read { try $0.scrubUnits() }
                }
        } catch ReplicaError.unreadable(let why) {
            found = ScrubFindings(damages: [.structure(why)])
        }
        // A tree whose keys the disk has changed leads back, and would be walked for ever.
        if let last = found.last, last <= after {
            found = ScrubFindings(damages: found.damages + [.structure("rows out of order")], runs: found.runs)
        }
        damaged += found.damages.count
        checked += found.runs
        for damage in found.damages {
            if let note = damage.note { replica.damage.add(note) }
            guard case .structure(let why) = damage, structure == nil else { continue }
            structure = why
            replica.stopServing(.unreadable(why))
        }
        // Nothing more is read from a file that is not one.
        self.phase = structure != nil ? nil : found.last != nil ? phase : Phase(rawValue: phase.rawValue + 1)
        after = found.last ?? 0
        return found.damages
    }
}

/// What one step has found.
struct ScrubFindings {
    var damages: [Damage] = []
    /// The last row that was looked at; nil when there is none behind it.
    var last: Int64?
    /// Runs that were recomputed.
    var runs = 0
}

extension Transaction {
    /// What is kept in memory says nothing of the disk.
    func forgetWhatWasRead() {
        forgetAuthors()
        memory.runs = RunCache()
    }

    // MARK: - Authors

    /// Openings against the names of their authors and their own signatures, heartbeats, and how far journals are held.
    func scrubAuthors(
        after: Int64, most: Int, _ isSigned: (SignedOpening) -> Bool
    ) throws -> ScrubFindings {
        forgetWhatWasRead()
        let find = "SELECT id FROM author WHERE id > ? ORDER BY id LIMIT ?"
        var out = ScrubFindings()
        for id in try Int64.fetchAll(db, sql: find, arguments: [after, most]) {
            out.last = id
            let row: AuthorRow
            do { row = try author(id: id) } catch ReplicaError.damagedOpening(let name) {
                out.damages.append(.opening(row: id, name))
                continue
            } catch ReplicaError.damaged {
                out.damages.append(.opening(row: id, nil))
                continue
            }
            guard let opening = row.opening else { continue }
            guard isSigned(opening) else {
                out.damages.append(.opening(row: id, row.name))
                continue
            }
            if try !repeats(opening, in: id) || !isKeptTwice(opening, of: id) {
                out.damages.append(.derived("author \(row.name)"))
            }
            if try !hasSoundHeartbeat(row) { out.damages.append(.heartbeat(row: id)) }
            for feed in Feed.allCases where try !hasProperHead(id, in: feed) {
                out.damages.append(.derived("gapless_head \(row.name)"))
            }
        }
        return out
    }

    private func repeats(_ opening: SignedOpening, in row: Int64) throws -> Bool {
        let find = """
            SELECT author.unit, author.enrollment, author.depth, earlier.name FROM author
            LEFT JOIN author AS earlier ON earlier.id = author.earlier WHERE author.id = ?
            """
        guard let cells = try Row.fetchOne(db, sql: find, arguments: [row]) else { return false }
        let author = opening.author
        let said: (String?, Int64?, Int64?, Data?) = (try? cells[0], try? cells[1], try? cells[2], try? cells[3])
        return said
            == (
                author.unit.text, Int64(author.enrollment), Int64(author.depth),
                opening.opening.earlier?.value.data
            )
    }

    private func hasSoundHeartbeat(_ author: AuthorRow) throws -> Bool {
        let find = "SELECT message FROM heartbeat WHERE author = ?"
        guard let row = try Row.fetchOne(db, sql: find, arguments: [author.id]) else { return true }
        guard let message: Data = try? row[0], let held = SignedHeartbeat(stored: message), let key = author.sealKey
        else { return false }
        return held.author == author.name && held.isSigned(network: network, key: key)
    }

    private func hasProperHead(_ author: Int64, in feed: Feed) throws -> Bool {
        let find = "SELECT through, quoted FROM gapless_head WHERE author = ? AND feed = ?"
        let held = try Row.fetchOne(db, sql: find, arguments: [author, feed.rawValue])
        let whole: (through: Int64, quoted: Int64)?
        // Runs that cannot be read are found by themselves.
        do { whole = try wholeRuns(of: author, in: feed, behind: (0, 0)) } catch ReplicaError.damagedRun { return true }
        guard let held, let whole else { return held == nil && whole == nil }
        let said: (Int64?, Int64?) = (try? held[0], try? held[1])
        return said == (whole.through, whole.quoted)
    }

    // MARK: - Runs

    func scrubRuns(after: Int64, most: Int) throws -> ScrubFindings {
        forgetWhatWasRead()
        let find = "SELECT id FROM run WHERE id > ? ORDER BY id LIMIT ?"
        var out = ScrubFindings()
        for id in try Int64.fetchAll(db, sql: find, arguments: [after, most]) {
            out.last = id
            out.runs += 1
            do {
                switch try condition(ofRun: id) {
                case .sound: break
                case .misrepeated: out.damages.append(.repeated(name(ofRun: id)))
                case .damaged: out.damages.append(.run(name(ofRun: id)))
                }
            } catch ReplicaError.damagedOpening {
                // It was found among the authors.
            }
        }
        return out
    }

    // MARK: - Widenings

    func scrubWidenings(after: Int64, most: Int) throws -> ScrubFindings {
        let find = "SELECT position FROM widening WHERE position > ? ORDER BY position LIMIT ?"
        var out = ScrubFindings()
        for position in try Int64.fetchAll(db, sql: find, arguments: [after, most]) {
            out.last = position
            if try !isSound(wideningAt: position) { out.damages.append(.widening(position: position)) }
        }
        return out
    }

    // MARK: - Tables

    /// SQLite's own check of one table and its indexes, and of what it refers to.
    func scrubTable(_ index: Int) throws -> ScrubFindings {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
        if index == 0, let name = try Schema.changed(db) {
            return ScrubFindings(damages: [.structure("the definition of \(name)")])
        }
        guard tables.indices.contains(index) else { return ScrubFindings() }
        let table = tables[index]
        var out = ScrubFindings(last: index + 1 < tables.count ? Int64(index + 1) : nil)
        for message in try String.fetchAll(db, sql: "PRAGMA integrity_check(\"\(table)\")") where message != "ok" {
            out.damages.append(Damage(message, of: table))
        }
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check(\"\(table)\")") {
            let rowid: Int64? = try? row[1], parent: String? = try? row[2]
            out.damages.append(.cell("\(table) \(rowid.map(String.init) ?? "?"): no such row in \(parent ?? "?")"))
        }
        return out
    }

    // MARK: - Units

    /// By these is told who may have what, so that a wrong row is more than a wrong word on a page.
    func scrubUnits() throws -> ScrubFindings {
        ScrubFindings(damages: try misderivedUnits().map { .derived($0) })
    }
}

extension Damage {
    /// A line of SQLite's integrity check.
    fileprivate init(_ message: String, of table: String) {
        let ofIndex = ["missing from index", "entries in index", "non-unique entry", "out of order in index"]
        let ofCell = ["NULL value in ", "non-", "NUMERIC value in ", "TEXT value in ", "CHECK constraint failed"]
        let isUnordered = message.contains("not in PRIMARY KEY order") && Schema.tablesOfUnits.contains(table)
        if isUnordered || ofIndex.contains(where: { message.contains($0) }) {
            self = .index(message)
        } else if ofCell.contains(where: { message.hasPrefix($0) }) {
            self = Schema.derivedTables.contains(table) ? .derived(message) : .cell("\(table): \(message)")
        } else {
            self = .structure(message)
        }
    }
}
