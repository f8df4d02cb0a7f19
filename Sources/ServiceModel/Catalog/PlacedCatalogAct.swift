/// One act on a catalog record, with its place.
package struct PlacedCatalogAct: Hashable, Sendable {
    package let author: Author
    package let sequence: UInt64
    package let leaf: Leaf
    package let action: CatalogAction
    /// nil where the body cannot be read by this version.
    package let act: CatalogAct?

    package init(author: Author, sequence: UInt64, leaf: Leaf, action: CatalogAction, act: CatalogAct?) {
        self.author = author
        self.sequence = sequence
        self.leaf = leaf
        self.action = action
        self.act = act
    }

    /// The order of the owner's journals: its enrollments and incarnations one after the other, each by sequence.
    static func isBefore(_ a: PlacedCatalogAct, _ b: PlacedCatalogAct) -> Bool {
        (a.author, a.sequence, a.leaf) < (b.author, b.sequence, b.leaf)
    }
}

/// Why an act on a catalog record has no effect.
package enum CatalogVoid: Hashable, Sendable, CustomStringConvertible {
    /// A published record is its owner's alone.
    case notOwner(UnitCode)
    /// The body cannot be read.
    case unreadable
    /// The record was begun already.
    case begunAlready
    /// Not an act on this kind of record.
    case wrongKind(CatalogAction)
    /// A revision must be the next version.
    case version(UInt32, expected: UInt32)
    /// A revision must keep the code.
    case otherCode(String)
    /// An override must go on naming the same item.
    case otherItem

    /// Stable across versions.
    package var code: String {
        switch self {
        case .notOwner: "void.notOwner"
        case .unreadable: "void.unreadable"
        case .begunAlready: "void.begunAlready"
        case .wrongKind: "void.wrongKind"
        case .version: "void.version"
        case .otherCode: "void.otherCode"
        case .otherItem: "void.otherItem"
        }
    }

    package var description: String {
        switch self {
        case .notOwner(let unit): "\(code): unit \(unit) does not own the record"
        case .unreadable: "\(code): this version of Terrace cannot read it; upgrade the node"
        case .begunAlready: "\(code): the record was begun already; publish another record"
        case .wrongKind(let action): "\(code): \(action.name) is no act on this record"
        case .version(let given, let expected): "\(code): version \(given) where \(expected) is next; revise again"
        case .otherCode(let given): "\(code): a revision may not change the code to \(given); publish another record"
        case .otherItem: "\(code): it names another item; publish another override"
        }
    }
}
