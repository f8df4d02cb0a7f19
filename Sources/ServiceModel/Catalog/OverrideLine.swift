/// A unit's override of an item as its record's acts leave it: the last one holds until it is retired.
package struct OverrideLine: Hashable, Sendable {
    package let id: CatalogItemID
    package let owner: UnitCode
    package private(set) var current: CatalogOverride
    package private(set) var retirement: CatalogRetirement?
    package private(set) var voids: [Leaf: CatalogVoid] = [:]

    package var item: CatalogItemID { current.item }

    /// Whether it holds on the day.
    package func holds(on day: Int32) -> Bool { day < retirement?.from ?? .max }

    /// The record that `id` names, from all acts on it that stand under the charter, in any order. nil while its
    /// creation is missing, cannot be read or begins no override. Whether the owner stands below the item's owner is
    /// for who applies it to ask the topology.
    package static func fold(_ id: CatalogItemID, _ acts: some Sequence<PlacedCatalogAct>) -> OverrideLine? {
        let ordered = acts.sorted(by: PlacedCatalogAct.isBefore)
        guard let creation = ordered.first(where: { $0.author.id == id.author && $0.sequence == id.sequence }),
            case .override(let override) = creation.act
        else { return nil }
        var line = OverrideLine(id: id, owner: creation.author.unit, current: override)
        for act in ordered where act.leaf != creation.leaf {
            if let void = line.add(act) { line.voids[act.leaf] = void }
        }
        return line
    }

    private init(id: CatalogItemID, owner: UnitCode, current: CatalogOverride) {
        self.id = id
        self.owner = owner
        self.current = current
    }

    private mutating func add(_ placed: PlacedCatalogAct) -> CatalogVoid? {
        guard placed.author.unit == owner else { return .notOwner(placed.author.unit) }
        switch placed.act {
        case nil: return .unreadable
        case .publish, .revise: return .wrongKind(placed.action)
        case .retire(let retirement): self.retirement = retirement
        case .override(let override):
            guard override.item == item else { return .otherItem }
            current = override
        }
        return nil
    }
}
