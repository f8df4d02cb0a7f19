import ChangeSet
import ServiceModel
import SyncNode

extension CatalogItemID {
    /// `author/sequence`, as the command line names a record.
    package var text: String { "\(author)/\(sequence)" }

    /// nil for any other form.
    package init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let author = Bytes16(hex: String(parts[0])), let sequence = UInt64(parts[1]),
            (1...Limits.longestJournal).contains(sequence)
        else { return nil }
        self.init(author: AuthorID(author), sequence: sequence)
    }
}

extension CatalogReference {
    /// A code, or the name of a record.
    package init(typed text: String) { self = CatalogItemID(text: text).map(Self.record) ?? .code(text) }
}
