/// A time limit as the law or the catalog states it.
package struct TimeLimit: Hashable, Sendable {
    package enum Unit: UInt32, CaseIterable, Sendable {
        case workingDays = 0
        case days = 1
        case months = 2
    }

    package static let longest: UInt32 = 10_000

    package let count: UInt32
    package let unit: Unit

    package init(count: UInt32, unit: Unit) {
        self.count = count
        self.unit = unit
    }
}

/// What the citizen was promised when the case was accepted. The case keeps it whatever becomes of the catalog.
package struct Promise: Hashable, Sendable {
    package var item: String
    package var itemName: String
    /// Version of the published item.
    package var version: UInt32
    package var department: String
    /// Kind of item: `01` permission, `05` benefit, `07` confirmation, `10` other power, `20` public service.
    package var itemKind: String
    package var statutory: TimeLimit?
    package var promised: TimeLimit?
    /// Handled on the spot.
    package var instant: Bool

    package init(
        item: String, itemName: String, version: UInt32, department: String, itemKind: String, statutory: TimeLimit?,
        promised: TimeLimit?, instant: Bool
    ) {
        self.item = item
        self.itemName = itemName
        self.version = version
        self.department = department
        self.itemKind = itemKind
        self.statutory = statutory
        self.promised = promised
        self.instant = instant
    }
}
