import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// The opening under which this node writes, a second time: all that it wrote hangs on it, and nobody else need
    /// have it.
    static let ownOpening = """
        ALTER TABLE node ADD COLUMN opening BLOB;
        UPDATE node SET opening = (SELECT author.opening FROM author WHERE author.id = node.author);
        """
}

extension Transaction {
    /// Whether the second copy says what an author's row says, where this node writes under that author.
    func isKeptTwice(_ opening: SignedOpening, of author: Int64) throws -> Bool {
        guard let row = try rowOfSecondCopy(ofOpening: author) else { return true }
        return (try? row[0] as Data) == (try opening.bytes)
    }

    /// The second copy of an author's opening; nil where this node does not write under it, or the disk has changed
    /// the copy too.
    func secondCopy(ofOpening author: Int64, _ isSigned: (SignedOpening) -> Bool) throws -> SignedOpening? {
        guard let row = try rowOfSecondCopy(ofOpening: author), let bytes = try? row[0] as Data,
            let opening = try? SignedOpening(bytes: bytes), isSigned(opening)
        else { return nil }
        return opening
    }

    private func rowOfSecondCopy(ofOpening author: Int64) throws -> Row? {
        try Row.fetchOne(db, sql: "SELECT opening FROM node WHERE author = ?", arguments: [author])
    }

    /// Writes an author's row again from the second copy of its opening.
    /// - Returns: false where the row cannot be made again: another one has its name.
    func mend(_ opening: SignedOpening, in author: Int64) throws -> Bool {
        try db.execute(
            sql: "UPDATE OR IGNORE author SET name = ? WHERE id = ?",
            arguments: [opening.author.id.value.data, author])
        try write(opening, to: author)
        forgetAuthors()
        return (try? self.author(id: author).opening) != nil
    }

    func sealedRuns(of author: Int64) throws -> [Int64] {
        try Int64.fetchAll(
            db, sql: "SELECT id FROM run WHERE author = ? AND signature IS NOT NULL ORDER BY id", arguments: [author])
    }
}
