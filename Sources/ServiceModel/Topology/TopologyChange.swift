/// What an import makes of one unit.
package struct TopologyChange: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Not in the charter so far.
        case added
        /// Under another parent, perhaps with other changes.
        case moved
        /// Another name, kind, tier, division or validity; also a unit that had ended and is valid again.
        case changed
        /// No longer in the file: its last day is set.
        case ended
    }

    package let kind: Kind
    /// The unit as it shall be.
    package let unit: UnitEntry
    /// The unit as the charter has it.
    package let before: UnitEntry?
}

extension TopologyPlan {
    /// What this plan changes in a charter that has the units `existing`, parents first: by tier, then by code. Nothing
    /// when it was imported before.
    ///
    /// What the file leaves out of a unit (kind, division, first day) stays as it is; a last day that is left out is
    /// none. Units that the file does not name end on `lastDay`, or stay ended.
    /// - Throws: all problems of `check()`; `topology.otherRoot` when the charter's root is another unit;
    ///   `topology.badDates` when a last day is before a first day that the charter has.
    package func changes(
        from existing: [UnitEntry], lastDay: CivilDate
    ) throws(TopologyRejected) -> [TopologyChange] {
        let units = try units()
        let known = Dictionary(existing.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
        if let old = existing.first(where: { $0.parent == nil }), let new = units.first, old.code != new.code {
            let line = rows.first { $0.code == new.code.text }?.line ?? 1
            throw TopologyRejected(problems: [
                TopologyProblem(
                    .otherRoot, line: line, unit: new.code.text,
                    Words(
                        "the network's root is \(old.code); a file for this network begins there",
                        "网络的根是\(old.code)：本网络的文件应从它开始"))
            ])
        }
        let rowOf = Dictionary(rows.map { ($0.code, $0) }, uniquingKeysWith: { a, _ in a })
        var changes: [TopologyChange] = []
        var problems: [TopologyProblem] = []
        for unit in units {
            guard let before = known[unit.code] else {
                changes.append(TopologyChange(kind: .added, unit: unit, before: nil))
                continue
            }
            let after = rowOf[unit.code.text].map { unit.keeping(before, whatIsLeftOutOf: $0) } ?? unit
            if let from = after.from, let until = after.until, until < from {
                let first = CivilDate(dayNumber: from)?.description ?? "day \(from)"
                problems.append(
                    TopologyProblem(
                        .badDates, line: rowOf[unit.code.text]?.line ?? 1, unit: unit.code.text,
                        Words(
                            "its last day is before its first day, which the network has as \(first)",
                            "末日早于首日，网络中的首日为\(first)")))
            }
            if after != before {
                let kind: TopologyChange.Kind = after.parent == before.parent ? .changed : .moved
                changes.append(TopologyChange(kind: kind, unit: after, before: before))
            }
        }
        guard problems.isEmpty else { throw TopologyRejected(problems: problems) }
        let named = Set(units.map(\.code))
        for before in known.values where !named.contains(before.code) {
            let after = before.ended(on: lastDay)
            if after != before { changes.append(TopologyChange(kind: .ended, unit: after, before: before)) }
        }
        return changes.sorted { ($0.unit.tier, $0.unit.code) < ($1.unit.tier, $1.unit.code) }
    }
}

extension UnitEntry {
    fileprivate func keeping(_ before: UnitEntry, whatIsLeftOutOf row: TopologyPlan.Row) -> UnitEntry {
        UnitEntry(
            code: code, name: name, tier: tier, parent: parent,
            // On another tier the former kind may not be possible.
            kind: row.kind == nil && tier == before.tier ? before.kind : kind,
            division: row.division == nil ? before.division : division,
            from: row.from == nil ? before.from : from, until: until)
    }

    /// Valid until `day` at the latest, but for a unit that begins later: that one ends on its first day.
    fileprivate func ended(on day: CivilDate) -> UnitEntry {
        let end = max(day.dayNumber, from ?? day.dayNumber)
        return UnitEntry(
            code: code, name: name, tier: tier, parent: parent, kind: kind, division: division, from: from,
            until: min(until ?? end, end))
    }
}
