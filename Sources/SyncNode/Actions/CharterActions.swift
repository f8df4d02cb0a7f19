import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// Writes a topology import: entries of at most 32 KiB that take effect with the last.
    /// - Parameter units: parents before their children.
    /// - Throws: `NodeError.notRoot`.
    package func importUnits(_ units: [UnitEntry], now: Moment) throws {
        guard !units.isEmpty else { return }
        var groups: [[WireUnit]] = [[]]
        var size = 0
        for unit in units.map(WireUnit.init) {
            let bytes = try unit.serializedData().count + 4
            if size + bytes > Limits.entryBytes - 64 {
                groups.append([])
                size = 0
            }
            groups[groups.count - 1].append(unit)
            size += bytes
        }
        try enter(
            groups.enumerated().map { index, units in
                .units(
                    .with {
                        $0.units = units
                        $0.last = index == groups.count - 1
                    })
            }, now: now)
    }

    /// Puts a unit under another parent, with all that is below it.
    /// - Returns: false when it stands there already; then nothing was written.
    /// - Throws: `NodeError.notRoot`, `.unknownUnit`, `.noPlace`.
    @discardableResult
    package func move(_ unit: UnitCode, under parent: UnitCode, now: Moment) throws -> Bool {
        guard isRoot else { throw NodeError.notRoot }
        let topology = try replica.read { $0.charter.current.topology }
        guard let entry = topology[unit] else { throw NodeError.unknownUnit(unit.text) }
        guard let above = topology[parent] else { throw NodeError.unknownUnit(parent.text) }
        // As a topology file must have it; nothing can come under itself that way.
        guard above.tier == entry.tier - 1, above.until.map({ $0 >= now.day }) ?? true else {
            throw NodeError.noPlace(unit, under: parent)
        }
        if entry.parent == parent { return false }
        try enter(
            [
                .move(
                    .with {
                        $0.unit = unit.text
                        $0.parent = parent.text
                    })
            ], now: now)
        return true
    }

    /// Writes charter entries, all or none.
    /// - Throws: `NodeError.notRoot`.
    package func enter(_ changes: [WireCharterEntry.OneOf_Change], now: Moment) throws {
        guard isRoot else { throw NodeError.notRoot }
        try write(now: now) { try enter(changes, $0, now: now) }
    }

    func enter(
        _ changes: [WireCharterEntry.OneOf_Change], _ transaction: Transaction, now: Moment
    ) throws {
        let author = try author(transaction)
        for change in changes {
            let pin = transaction.pin
            let body = WireCharterEntry(number: pin.number + 1, previous: pin.digest, change: change)
            let changeSet = ChangeSet(
                kind: .charterEntry, record: .created, parents: [], time: now.seconds,
                body: try body.serializedData())
            _ = try transaction.append([try changeSet.bytes], by: author, in: .charter, seed: newSeed())
        }
    }
}
