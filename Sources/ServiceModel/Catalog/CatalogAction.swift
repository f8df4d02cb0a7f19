/// The actions on published catalog records in version 1, by their number in the bytes. A number is never used again
/// for another meaning.
package enum CatalogAction: UInt32, CaseIterable, Sendable {
    /// Begins an item's record.
    case publish = 64
    /// The whole item in its next version.
    case revise = 65
    /// The item is offered no more from a day on.
    case retire = 66
    /// A lower unit's own window, phone, hours or shorter promise; a record of that unit's own.
    case override = 67

    package var kind: ActionKind { ActionKind(rawValue: rawValue) }

    /// The name that the command line, the API and the database use.
    package var name: String {
        switch self {
        case .publish: "publish"
        case .revise: "revise"
        case .retire: "retire"
        case .override: "override"
        }
    }

    package init?(kind: ActionKind) { self.init(rawValue: kind.rawValue) }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// The name of an item's record: who created it, and where in that author's published journal.
package struct CatalogItemID: Hashable, Comparable, Sendable {
    package let author: AuthorID
    package let sequence: UInt64

    package init(author: AuthorID, sequence: UInt64) {
        self.author = author
        self.sequence = sequence
    }

    package static func < (a: CatalogItemID, b: CatalogItemID) -> Bool {
        (a.author, a.sequence) < (b.author, b.sequence)
    }
}

/// The end of an item or of an override.
package struct CatalogRetirement: Hashable, Sendable {
    package var reason: String
    /// First civil day on which nothing is accepted under it any more, as a day number since 1970-01-01.
    package var from: Int32

    package init(reason: String, from: Int32) {
        self.reason = reason
        self.from = from
    }
}

/// What one change set does to a catalog record.
package enum CatalogAct: Hashable, Sendable {
    case publish(CatalogItem)
    case revise(CatalogItem)
    case retire(CatalogRetirement)
    case override(CatalogOverride)

    package var action: CatalogAction {
        switch self {
        case .publish: .publish
        case .revise: .revise
        case .retire: .retire
        case .override: .override
        }
    }
}
