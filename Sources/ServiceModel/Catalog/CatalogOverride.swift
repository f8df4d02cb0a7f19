/// What a unit below the owner changes of an item for itself and the units below it: where and when it serves, and a
/// shorter promise. Nothing else of an item can be changed from below.
package struct CatalogOverride: Hashable, Sendable {
    package let item: CatalogItemID
    /// Empty texts leave the item's own.
    package var place: ServicePlace
    /// nil leaves the item's own.
    package var promised: TimeLimit?

    package init(item: CatalogItemID, place: ServicePlace = ServicePlace(), promised: TimeLimit? = nil) {
        self.item = item
        self.place = place
        self.promised = promised
    }

    /// Lengths that pass `CatalogLimits`: what bytes from outside are refused for.
    package var outOfBounds: [CatalogProblem] {
        var bounds = CatalogBounds()
        bounds.place(place)
        bounds.limit("promised", promised)
        return bounds.problems
    }

    /// What the unit must put right before it publishes the override of `item`, which is the item as it stands for
    /// that unit: with the overrides from above applied.
    package func validate(on item: CatalogItem) -> [CatalogProblem] {
        var problems = outOfBounds
        if place == ServicePlace(), promised == nil { problems.append(.emptyOverride) }
        guard let promised else { return problems }
        if !Self.isPossible(promised, for: item) { problems.append(.limitRange("promised")) }
        if !Self.isKept(promised, by: item) { problems.append(.promiseLonger) }
        return problems
    }

    /// Whether `promised` is not longer than what the item promises or, where it promises nothing, than its statutory
    /// limit. An item without either takes any promise.
    static func isKept(_ promised: TimeLimit, by item: CatalogItem) -> Bool {
        guard let limit = item.promised ?? item.statutory else { return true }
        return !promised.isLonger(than: limit)
    }

    /// At once is a promise only of what is handled at once, and nothing else is a promise of it.
    static func isPossible(_ promised: TimeLimit, for item: CatalogItem) -> Bool {
        item.instant ? !promised.isLonger(than: TimeLimit(count: 1, unit: .workingDays)) : promised.count > 0
    }
}

extension CatalogItem {
    /// The item as it stands where the override holds. A promise that is longer than the item's, as when the owner has
    /// shortened its own since, has no effect.
    package func applying(_ override: CatalogOverride) -> CatalogItem {
        var out = self
        if !override.place.window.isEmpty { out.place.window = override.place.window }
        if !override.place.phone.isEmpty { out.place.phone = override.place.phone }
        if !override.place.hours.isEmpty { out.place.hours = override.place.hours }
        if let promised = override.promised, CatalogOverride.isKept(promised, by: self),
            CatalogOverride.isPossible(promised, for: self)
        {
            out.promised = promised
        }
        return out
    }

    /// With the overrides of the accepting unit and of those above it, the highest unit's first.
    package func applying(_ overrides: [CatalogOverride]) -> CatalogItem {
        overrides.reduce(self) { $0.applying($1) }
    }
}
