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

    /// Writes charter entries, all or none.
    /// - Throws: `NodeError.notRoot`.
    package func enter(_ changes: [WireCharterEntry.OneOf_Change], now: Moment) throws {
        guard isRoot else { throw NodeError.notRoot }
        try replica.write { transaction in
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
}
