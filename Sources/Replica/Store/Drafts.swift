import Foundation
import GRDB
import ServiceModel

/// What a clerk has typed of a case that is not accepted yet. Local to the node: in no journal and in no feed.
package struct Draft: Hashable, Sendable {
    /// Names the one case that it may become.
    package let id: String
    /// Code of the item.
    package let item: String
    /// As the page that keeps it writes it.
    package var content: String
    /// Counts what was saved: something older that comes late does not take the place of something newer.
    package var edit: Int64
    /// Seconds since 1970.
    package var saved: Int64

    package init(id: String, item: String, content: String, edit: Int64, saved: Int64) {
        self.id = id
        self.item = item
        self.content = content
        self.edit = edit
        self.saved = saved
    }
}

/// Every bound on drafts.
package enum DraftLimits {
    /// Drafts of one node.
    package static let most = 500
    /// Bytes of one draft's content.
    package static let contentBytes = 128 * 1024
    /// Bytes of a draft's id.
    package static let idBytes = 64
}

/// Why a draft was not kept. Nothing of it was written.
package enum DraftError: CodedError, Equatable, Sendable {
    case tooMany
    case tooLarge
    /// It was discarded, or accepted, or there never was one.
    case unknown
    /// Something newer is kept already; with its number.
    case outrun(Int64)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .tooMany: "draft.tooMany"
        case .tooLarge: "draft.tooLarge"
        case .unknown: "draft.unknown"
        case .outrun: "draft.outrun"
        }
    }

    package var words: Words {
        switch self {
        case .tooMany:
            Words(
                "there are \(DraftLimits.most) drafts already: discard some that are not needed",
                "草稿已有\(DraftLimits.most)份：请先丢弃不再需要的")
        case .tooLarge:
            Words(
                "the draft is longer than \(DraftLimits.contentBytes) bytes: shorten it",
                "草稿超过\(DraftLimits.contentBytes)字节：请缩短")
        case .unknown: Words("this draft was discarded or accepted", "此草稿已丢弃或已受理")
        case .outrun: Words("something newer is kept already", "已存有更新的内容")
        }
    }
}

extension Transaction {
    /// The latest first.
    package func drafts() throws -> [Draft] {
        try Row.fetchAll(db, sql: "SELECT id, item, content, edit, saved FROM draft ORDER BY saved DESC, id").map(
            Draft.init)
    }

    /// How many there are, and when the one was saved that nobody has touched for longest, in seconds since 1970.
    package func draftCount() throws -> (count: Int, oldest: Int64?) {
        let row = try Row.fetchOne(db, sql: "SELECT count(*), min(saved) FROM draft")
        return (try row?[0] ?? 0, try (row?[1] as Int64?).map(ClockContact.sane))
    }

    package func draft(_ id: String) throws -> Draft? {
        try Row.fetchOne(db, sql: "SELECT id, item, content, edit, saved FROM draft WHERE id = ?", arguments: [id])
            .map(Draft.init)
    }

    /// - Throws: `DraftError.tooMany`, `DraftError.tooLarge`.
    package func begin(_ draft: Draft) throws {
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM draft") ?? 0
        guard count < DraftLimits.most else { throw DraftError.tooMany }
        try Self.check(draft.content)
        try db.execute(
            sql: "INSERT INTO draft (id, item, content, edit, saved) VALUES (?, ?, ?, ?, ?)",
            arguments: [draft.id, draft.item, draft.content, draft.edit, draft.saved])
    }

    /// Keeps what was typed, unless something newer is kept.
    /// - Parameter edit: the number of this state of the page; nil for what the clerk sent with a button, which is
    ///   always the latest.
    /// - Throws: `DraftError.unknown`, `.tooLarge`, `.outrun`.
    package func saveDraft(_ id: String, content: String, edit: Int64?, time: Int64) throws {
        try Self.check(content)
        guard let held = try draft(id) else { throw DraftError.unknown }
        if let edit, edit <= held.edit { throw DraftError.outrun(held.edit) }
        try db.execute(
            sql: "UPDATE draft SET content = ?, edit = ?, saved = ? WHERE id = ?",
            arguments: [content, edit ?? held.edit &+ 1, time, id])
    }

    /// - Returns: whether there was one.
    @discardableResult
    package func discardDraft(_ id: String) throws -> Bool {
        try db.execute(sql: "DELETE FROM draft WHERE id = ?", arguments: [id])
        return db.changesCount > 0
    }

    private static func check(_ content: String) throws(DraftError) {
        guard content.utf8.count <= DraftLimits.contentBytes else { throw .tooLarge }
    }
}

extension Draft {
    fileprivate init(_ row: Row) throws {
        try self.init(id: row[0], item: row[1], content: row[2], edit: row[3], saved: row.time(4))
    }
}
