import ChangeSet
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// An index that the disk has changed says where a journal ends, and SQLite asks no row whether that is so. A sequence
/// that was given is not given again for it.
@Suite struct OwnEndTests {
    /// Four runs of K's own, of one case each, and perhaps a fifth that is open.
    private func town(isOpen: Bool = false) throws -> Town {
        let town = try Town(["C", "K"])
        for number in 1...4 {
            try town["K"].accept("孙\(number)", number: number)
            try town["K"].seal()
        }
        if isOpen { try town["K"].accept("周", number: 5) }
        return town
    }

    /// Changes what the index alone has of the beginning of a unit's last run of casework.
    static func wrongIndex(of unit: String, to wrong: Int) -> String {
        """
        CREATE TEMP TABLE ending AS SELECT run.id, first FROM run JOIN author ON author.id = author
            WHERE unit = '\(unit)' AND feed = 2 AND signature IS NOT NULL ORDER BY run.id DESC LIMIT 1;
        UPDATE run SET first = \(wrong) WHERE id = (SELECT id FROM temp.ending);
        CREATE TEMP TABLE kept AS SELECT * FROM main.sqlite_master WHERE name = 'run_place';
        PRAGMA writable_schema = ON;
        DELETE FROM main.sqlite_master WHERE name = 'run_place';
        PRAGMA writable_schema = RESET;
        UPDATE run SET first = (SELECT first FROM temp.ending) WHERE id = (SELECT id FROM temp.ending);
        PRAGMA writable_schema = ON;
        INSERT INTO main.sqlite_master SELECT * FROM temp.kept;
        PRAGMA writable_schema = RESET;
        DROP TABLE temp.kept;
        DROP TABLE temp.ending;
        """
    }

    /// Nothing is lost; but what the index hid may not have been sent.
    private func heal(_ node: Town.Node) throws {
        let out = try node.replica.takeOut(
            node.replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        #expect(out.wasMisled && out.runs.isEmpty && !out.endsAuthor, "\(out)")
    }

    /// Sorted away, as at the end.
    @Test(arguments: [2, 9]) func nothingIsGivenTwice(wrong: Int) throws {
        let town = try town()
        try town.change("K", Self.wrongIndex(of: "K", to: wrong))
        #expect(throws: ReplicaError.index("run_place")) { try town["K"].accept("钱", number: 6) }
        #expect(try town["K"].rows() == town["K"].heldRows(4))
        #expect(town["K"].replica.damage.notes.contains(.index))
        try heal(town["K"])
        #expect(try town["K"].accept("钱", number: 6).sequence == 5)
        try town.settle()
        #expect(try town["C"].replica.read { try $0.forkedAuthors() }.isEmpty)
        #expect(try town["C"].replica.read { try $0.caseCounts().all } == 5)
    }

    /// What is open would wait for ever for the seal before it.
    @Test func whatIsOpenIsNotPassedOver() throws {
        let town = try town(isOpen: true)
        try town.change("K", Self.wrongIndex(of: "K", to: 2))
        #expect(throws: ReplicaError.index("run_place")) { try town["K"].seal() }
        try heal(town["K"])
        try town.settle()
        #expect(try town["C"].replica.read { try $0.caseCounts().all } == 5)
    }
}

extension Town.Node {
    /// The change sets of the charter that this node holds, and so many of its own.
    fileprivate func heldRows(_ own: Int64) throws -> Int64 {
        try replica.read { try Int64.fetchOne($0.db, sql: "SELECT count(*) FROM journal WHERE feed = 1") ?? 0 } + own
    }
}
