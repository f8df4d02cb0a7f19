import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Stubs on their way: a parent tells them to a child that lacks something of the case, so that both ends
/// are equal.
extension Transaction {
    /// - Throws: `ReplicaError`.
    func message(ofStub record: Int64) throws -> WireStub {
        let find = """
            SELECT receipt, units, digest, change_sets, void,
                stub_item.item, item_name, department, item_kind, instant, \(Schema.figures)
            FROM stub JOIN stub_item ON stub_item.id = stub.item WHERE record = ?
            """
        guard let row = try Row.fetchOne(db.cachedStatement(sql: find), arguments: [record]) else {
            throw ReplicaError.damaged("stub \(record)")
        }
        let creation = try creation(of: record)
        var out = WireStub()
        out.author = creation.author.value.data
        out.sequence = creation.sequence
        out.receipt = try row[0]
        out.audience = (try row[1] as String).split(separator: " ").map(String.init)
        out.digest = try row[2]
        out.changeSets = UInt32(clamping: try row[3] as Int64)
        out.void = UInt32(clamping: try row[4] as Int64)
        out.figures = try WireFigures(row, from: 5)
        var last: Int64?
        for run in try retiredRuns(of: record) {
            let author = run.author == last ? nil : try author(id: run.author).name
            last = run.author
            out.runs.append(
                .with {
                    if let author { $0.author = author.value.data }
                    $0.from = UInt64(run.first)
                    $0.count = UInt32(run.count)
                    $0.digest = run.digest.data
                    $0.retired = run.present.wire
                    $0.pin = UInt64(run.pin)
                    $0.quoted = run.quoted
                })
        }
        return out
    }

    /// The authors of a stub's change sets, who must be introduced with it.
    func authors(ofStub record: Int64) throws -> [AuthorID] {
        try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT DISTINCT author FROM retired WHERE record = ? ORDER BY author"),
            arguments: [record]
        ).map { try author(id: $0).name }
    }

    /// Keeps a stub that names something which is not here. Where a part of the case is here all the same, it comes
    /// back for that: a restored machine holds what it has sealed in a life that it does not know of, or a part
    /// concerned nobody here before a unit came under this one. Only who is above is believed: what a child says that
    /// it had could be anything, and would count as held.
    /// - Throws: `WireError`.
    func take(_ stub: WireStub, in feed: Feed, from peer: Peer, now: Int64) throws {
        guard feed == .casework, let own = try identity?.unit, charter.current.topology.isAbove(peer.unit, own),
            stub.author.count == 16, let author = Bytes16(stub.author), let digest = Digest32(stub.digest),
            (1...Limits.longestJournal).contains(stub.sequence)
        else { throw WireError.malformed("stub") }
        let figures = stub.figures
        let units = stub.audience.compactMap { UnitCode($0) }
        guard stub.runs.count <= Limits.runsPerStub, units.count == stub.audience.count,
            ([stub.receipt, stub.audience.joined(separator: " ")] + figures.texts).allSatisfy({
                $0.utf8.count <= Limits.stubTextBytes
            })
        else { throw WireError.tooLarge("stub") }
        let creation = Place(author: AuthorID(author), feed: feed, sequence: stub.sequence)
        let record = try recordRow(creation)
        func exists(in table: String) throws -> Bool {
            let find = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE record = ?)")
            return try Bool.fetchOne(find, arguments: [record]) ?? false
        }
        guard try !exists(in: "stub") else { return }
        let isHeld = try exists(in: "journal")
        guard try !isHeld || lacksAny(of: stub) else { return }
        try insertStub(
            of: record, receipt: stub.receipt, units: units.map(\.text), digest: digest,
            changeSets: Int(stub.changeSets), void: Int(stub.void),
            item: try stubItem(
                figures.item, figures.itemName, figures.department, figures.itemKind, isInstant: figures.instant))
        try db.execute(
            sql: """
                UPDATE stub SET (\(Schema.figures)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE record = ?
                """, arguments: StatementArguments(figures.cells + [record]))
        var owner: AuthorID?
        var places: [Int64: Int64] = [:]
        for run in stub.runs {
            if run.author.count == 16, let name = Bytes16(run.author) { owner = AuthorID(name) }
            guard let owner, let seal = Digest32(run.digest), (1...Limits.changeSetsPerRun).contains(Int(run.count)),
                run.from >= 1, run.from <= Limits.longestJournal - UInt64(run.count), run.pin <= UInt64(Int64.max)
            else { throw WireError.malformed("stub") }
            let row = try authorRow(owner)
            let present = try Presence(wire: run.retired)
            let lacking = isHeld ? present.subtracting(try held(ofRun: seal, from: run.from, of: row.id)) : present
            // What is named twice would count twice.
            guard row.author != nil, !present.offsets(below: Int(run.count)).isEmpty,
                try retired(ofRun: seal, from: run.from, of: row.id).intersection(present)
                    .offsets(below: Int(run.count)).isEmpty
            else { throw WireError.malformed("stub") }
            guard !lacking.offsets(below: Int(run.count)).isEmpty else { continue }
            try insert(
                RetiredRun(
                    author: row.id, first: Int64(run.from), count: Int(run.count), digest: seal, record: record,
                    present: lacking, pin: Int64(run.pin),
                    quoted: QuoteBelief.isAhead(run.quoted, of: now) ? 0 : max(0, run.quoted)))
            places[row.id] = min(places[row.id] ?? .max, Int64(run.from))
        }
        for (author, first) in places.sorted(by: { $0.key < $1.key }) {
            try advanceGaplessHead(of: author, in: .casework, cameTo: first)
        }
        if isHeld { try wishBack(record) }
        try derive(record)
    }

    /// Whether the stub names a change set that is not here, or says what none can say.
    private func lacksAny(of stub: WireStub) throws -> Bool {
        var owner: AuthorID?
        return try stub.runs.contains { run in
            if run.author.count == 16, let name = Bytes16(run.author) { owner = AuthorID(name) }
            guard let owner, let seal = Digest32(run.digest), let row = try knownAuthor(owner),
                (1...Limits.changeSetsPerRun).contains(Int(run.count))
            else { return true }
            let lacking = try Presence(wire: run.retired).subtracting(held(ofRun: seal, from: run.from, of: row.id))
            return !lacking.offsets(below: Int(run.count)).isEmpty
        }
    }

    /// What of a run is here.
    private func held(ofRun digest: Digest32, from first: UInt64, of author: Int64) throws -> Presence {
        let find = try db.cachedStatement(
            sql: """
                SELECT offset FROM journal JOIN run ON run.id = journal.run
                WHERE author = ? AND run.feed = 2 AND first = ? AND digest = ?
                """)
        let offsets = try Int.fetchAll(find, arguments: [author, Int64(clamping: first), digest.data])
        return offsets.reduce(into: Presence()) { $0.insert($1) }
    }

    // MARK: - Rows

    func insertStub(
        of record: Int64, receipt: String, units: [String], digest: Digest32, changeSets: Int, void: Int, item: Int64
    ) throws {
        stubsKnown = true
        try db.cachedStatement(
            sql: """
                INSERT INTO stub (record, receipt, units, digest, change_sets, void, item, channel, accepted_by,
                    accepted_day, phase)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '', 0, '')
                ON CONFLICT (record) DO UPDATE SET wished = NULL, units = ?3, digest = ?4, change_sets = ?5, void = ?6,
                    item = ?7
                """
        ).execute(arguments: [
            record, receipt, units.sorted().joined(separator: " "), digest.data, changeSets, void, item,
        ])
    }

    /// The row of what many stubs say of their item.
    func stubItem(
        _ item: String, _ name: String, _ department: String, _ kind: String, isInstant: Bool
    ) throws -> Int64 {
        let arguments: StatementArguments = [item, name, department, kind, isInstant]
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO stub_item (item, item_name, department, item_kind, instant)
                VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: arguments)
        let find = """
            SELECT id FROM stub_item
            WHERE item = ? AND item_name = ? AND department = ? AND item_kind = ? AND instant = ?
            """
        guard let row = try Int64.fetchOne(db.cachedStatement(sql: find), arguments: arguments) else {
            throw ReplicaError.damaged("stub_item")
        }
        return row
    }
}

extension WireFigures {
    /// - Parameter row: item, name, department, kind, whether it is instant, then the columns `Schema.figures`.
    fileprivate init(_ row: Row, from at: Int) throws {
        self.init()
        item = try row[at]
        itemName = try row[at + 1]
        department = try row[at + 2]
        itemKind = try row[at + 3]
        instant = try row[at + 4]
        channel = try row[at + 5]
        acceptedBy = try row[at + 6]
        acceptedDay = try row[at + 7]
        phase = try row[at + 8]
        outcome = try row[at + 10] ?? ""
        evaluation = try row[at + 13] ?? ""
        if let day: Int32 = try row[at + 9] { decidedDay = day }
        if let day: Int32 = try row[at + 11] { closedDay = day }
        if let day: Int32 = try row[at + 12] { deliveredDay = day }
        if let day: Int32 = try row[at + 14] { evaluatedDay = day }
        if let day: Int32 = try row[at + 15] { promisedDue = day }
        if let days: Int32 = try row[at + 16] { promisedDays = days }
        if let day: Int32 = try row[at + 17] { statutoryDue = day }
        if let days: Int32 = try row[at + 18] { statutoryDays = days }
        if let days: Int32 = try row[at + 19] { usedDays = days }
    }

    fileprivate var texts: [String] {
        [item, itemName, department, itemKind, channel, acceptedBy, phase, outcome, evaluation]
    }

    /// In the order of `Schema.figures`.
    fileprivate var cells: [(any DatabaseValueConvertible)?] {
        [
            channel, acceptedBy, acceptedDay, phase, hasDecidedDay ? decidedDay : nil, outcome.isEmpty ? nil : outcome,
            hasClosedDay ? closedDay : nil, hasDeliveredDay ? deliveredDay : nil, evaluation.isEmpty ? nil : evaluation,
            hasEvaluatedDay ? evaluatedDay : nil, hasPromisedDue ? promisedDue : nil,
            hasPromisedDays ? promisedDays : nil, hasStatutoryDue ? statutoryDue : nil,
            hasStatutoryDays ? statutoryDays : nil, hasUsedDays ? usedDays : nil,
        ]
    }
}
