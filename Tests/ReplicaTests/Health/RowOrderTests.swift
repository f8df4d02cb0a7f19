import Foundation
import GRDB
import Testing

@testable import Replica

/// A table whose row ids the disk has put out of order leads whoever walks it back to where he was.
@Suite struct RowOrderTests {
    private static let pageBytes = 4096

    @Test(arguments: ["run", "record"]) func aScrubComesToItsEnd(table: String) throws {
        let town = try Town()
        for number in 1...6 { try town["K"].accept("孙\(number)", number: number) }
        try town.settle()
        try town["K"].replica.close()
        let file = town.folder.appending(path: "K.sqlite")
        try putLastRowFirst(of: table, in: file)
        try town.reopen("K")
        let replica = town["K"].replica
        var scrub = Scrub(began: 0)
        var steps = 0
        while !scrub.isFinished, steps < 1000 {
            _ = try scrub.step(replica, isSigned: { _ in true })
            steps += 1
        }
        #expect(scrub.isFinished && scrub.structure != nil, "\(table)")
        #expect(replica.failure != nil, "\(table)")
    }

    /// What the charter gives needs no salvage: it is emptied unread, and made again.
    @Test func unitsOutOfOrderAreMadeAgain() throws {
        let town = try Town(["C", "K"])
        try town["K"].accept("孙一", number: 1)
        try town.settle()
        try town["C"].replica.close()
        let file = town.folder.appending(path: "C.sqlite")
        // Two columns of text of one byte each, and the first unit above itself.
        try change(Data([3, 15, 15]) + Data("CC".utf8), to: Data([3, 15, 15]) + Data("ZC".utf8), in: file)
        try town.reopen("C")
        let replica = town["C"].replica
        var scrub = Scrub(began: 0)
        while !scrub.isFinished { _ = try scrub.step(replica, isSigned: { _ in true }) }
        #expect(scrub.structure == nil && replica.damage.notes.contains(.index))
        var lives = 0
        let out = try replica.takeOut(
            replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in lives += 1 })
        #expect(out.wasMisled && out.runs.isEmpty && lives == 1)
        scrub = Scrub(began: 0)
        while !scrub.isFinished { #expect(try scrub.step(replica, isSigned: { _ in true }).isEmpty) }
        #expect(try replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// Changes the page of `unit_above`.
    private func change(_ bytes: Data, to others: Data, in file: URL) throws {
        let queue = try DatabaseQueue(path: file.path)
        let root = try queue.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'unit_above'")
        }
        try queue.close()
        var data = try Data(contentsOf: file)
        let page = (try #require(root) - 1) * Self.pageBytes
        let place = try #require(data.range(of: bytes, in: page..<page + Self.pageBytes))
        data.replaceSubrange(place, with: others)
        try data.write(to: file)
    }

    /// Gives the last row of a table of one leaf the number of the first.
    private func putLastRowFirst(of table: String, in file: URL) throws {
        let queue = try DatabaseQueue(path: file.path)
        let root = try queue.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table])
        }
        try queue.close()
        var data = try Data(contentsOf: file)
        func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 << 8 | Int(data[at + $1]) } }
        var page = (try #require(root) - 1) * Self.pageBytes
        // Down the rightmost children to a leaf.
        while data[page] == 5 { page = (number(page + 8, 4) - 1) * Self.pageBytes }
        let isLeaf = data[page] == 13
        try #require(isLeaf)
        let cells = number(page + 3, 2)
        try #require(cells > 1)
        /// Where the row id of a cell stands: behind the length of the row, a number of one to nine bytes.
        func rowID(_ index: Int) -> Int {
            var at = page + number(page + 8 + 2 * index, 2)
            while data[at] > 127 { at += 1 }
            return at + 1
        }
        let (first, last) = (rowID(0), rowID(cells - 1))
        let isShort = data[last] < 128
        try #require(isShort)
        data[last] = data[first]
        try data.write(to: file)
    }
}
