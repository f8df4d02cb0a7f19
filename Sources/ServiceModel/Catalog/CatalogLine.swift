/// A published item as its record's acts leave it: a line of versions under one owner.
///
/// A revision keeps a retirement; a later retirement takes the place of an earlier one. To bring an item back its owner
/// publishes a new record.
package struct CatalogLine: Hashable, Sendable {
    package let id: CatalogItemID
    /// The unit of the creation's author.
    package let owner: UnitCode
    /// In the order of their numbers, which have no gaps; never empty.
    package private(set) var versions: [CatalogItem]
    package private(set) var retirement: CatalogRetirement?
    package private(set) var voids: [Leaf: CatalogVoid] = [:]

    package var current: CatalogItem { versions[versions.count - 1] }

    /// The version by its number, as a case kept it.
    package func version(_ number: UInt32) -> CatalogItem? {
        guard number >= versions[0].version else { return nil }
        let index = Int(number - versions[0].version)
        return index < versions.count ? versions[index] : nil
    }

    /// Whether cases may be accepted under it on the day.
    package func isOffered(on day: Int32) -> Bool {
        current.isValid(on: day) && day < retirement?.from ?? .max
    }

    /// The record that `id` names, from all acts on it that stand under the charter, in any order. nil while its
    /// creation is missing, cannot be read or begins no item.
    package static func fold(_ id: CatalogItemID, _ acts: some Sequence<PlacedCatalogAct>) -> CatalogLine? {
        let ordered = acts.sorted(by: PlacedCatalogAct.isBefore)
        guard let creation = ordered.first(where: { $0.author.id == id.author && $0.sequence == id.sequence }),
            case .publish(let item) = creation.act
        else { return nil }
        var line = CatalogLine(id: id, owner: creation.author.unit, versions: [item])
        for act in ordered where act.leaf != creation.leaf {
            if let void = line.add(act) { line.voids[act.leaf] = void }
        }
        return line
    }

    private init(id: CatalogItemID, owner: UnitCode, versions: [CatalogItem]) {
        self.id = id
        self.owner = owner
        self.versions = versions
    }

    private mutating func add(_ placed: PlacedCatalogAct) -> CatalogVoid? {
        guard placed.author.unit == owner else { return .notOwner(placed.author.unit) }
        switch placed.act {
        case nil: return .unreadable
        case .publish: return .begunAlready
        case .override: return .wrongKind(.override)
        case .retire(let retirement): self.retirement = retirement
        case .revise(let item):
            let expected = current.version + 1
            guard item.version == expected else { return .version(item.version, expected: expected) }
            guard item.code == current.code else { return .otherCode(item.code) }
            versions.append(item)
        }
        return nil
    }
}
