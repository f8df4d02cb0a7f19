import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// How far the last bundle toward a neighbour goes. It tells where another stick goes on, and nothing of what arrived.
package struct ExportedBundle: Equatable, Sendable {
    /// Incarnation of the neighbour's database that the bundle rests on; 0 when it rests on nothing.
    package let life: UInt64
    /// 16 bytes.
    package let bundle: Data
    package var volumes: Int
    /// Nothing was left to say.
    package var isWhole: Bool
    package var ends: [Feed: JournalCursor]

    package init(life: UInt64, bundle: Data, volumes: Int, isWhole: Bool, ends: [Feed: JournalCursor]) {
        self.life = life
        self.bundle = bundle
        self.volumes = volumes
        self.isWhole = isWhole
        self.ends = ends
    }
}

/// Which volumes of a bundle have come.
package struct ArrivedVolumes: Equatable, Sendable {
    package let numbers: Set<Int>
    /// Its last volume is known.
    package let hasLast: Bool

    /// Those that must be under way, or lost: all below the highest that came.
    package var missing: [Int] {
        let highest = numbers.filter { $0 <= Limits.volumesPerBundle }.max() ?? 1
        return (1...max(highest, 1)).filter { !numbers.contains($0) }
    }
}

/// What couriers brought from a neighbour and lies behind a gap.
package struct BundleGap: Hashable, Sendable {
    package let unit: UnitCode
    package let node: UInt32
    /// Numbers of the volumes that must be under way, or lost; empty where that cannot be told.
    package let missing: [Int]

    package init(unit: UnitCode, node: UInt32, missing: [Int]) {
        self.unit = unit
        self.node = node
        self.missing = missing
    }
}

extension Transaction {
    /// By neighbour. What one lacks that stands elsewhere today, or was cut, comes by others, or not at all.
    package func bundleGaps() throws -> [BundleGap] {
        let peers = try Row.fetchAll(
            db,
            sql: """
                SELECT id, unit, node FROM peer WHERE id IN (SELECT peer FROM carried_stretch) ORDER BY unit, node
                """)
        return try peers.compactMap { row in
            let node = UInt32(truncatingIfNeeded: try row[2] as Int64)
            guard let unit = try UnitCode(row[1]), try isNeighbour(unit, node) else { return nil }
            let volumes = try Row.fetchAll(
                db, sql: "SELECT bundle, volume FROM carried_volume WHERE peer = ?", arguments: [try row[0] as Int64])
            let bundles = Dictionary(grouping: try volumes.map { (try $0[0] as Data, try $0[1] as Int) }) { $0.0 }
            let missing = bundles.values.flatMap {
                ArrivedVolumes(numbers: Set($0.map(\.1)), hasLast: false).missing
            }
            return BundleGap(unit: unit, node: node, missing: missing.sorted())
        }
    }

    /// The units of which volumes have come.
    package func unitsBroughtByCourier() throws -> Set<UnitCode> {
        let find = "SELECT DISTINCT unit FROM peer WHERE id IN (SELECT peer FROM carried_volume)"
        return Set(try String.fetchAll(db, sql: find).compactMap { UnitCode($0) })
    }

    /// The last one toward a unit's node.
    package func exportedBundle(to unit: UnitCode, node: UInt32) throws -> ExportedBundle? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT incarnation, bundle, volumes, whole, casework_position, casework_offset, casework_rolling,
                    published_position, published_offset, published_rolling
                FROM exported_bundle WHERE unit = ? AND node = ?
                """, arguments: [unit.text, Int64(node)])
        return try row.map {
            guard (0...Limits.volumesPerBundle).contains(try $0[2]) else {
                throw ReplicaError.damaged("exported_bundle.volumes")
            }
            return try ExportedBundle(
                life: UInt64(bitPattern: $0[0]), bundle: $0[1], volumes: $0[2], isWhole: $0[3],
                ends: [.casework: JournalCursor($0, at: 4), .published: JournalCursor($0, at: 7)])
        }
    }

    package func keep(_ exported: ExportedBundle, to unit: UnitCode, node: UInt32) throws {
        let who: StatementArguments = [unit.text, Int64(node), Int64(bitPattern: exported.life)]
        let what: StatementArguments = [exported.bundle, exported.volumes, exported.isWhole]
        try db.execute(
            sql: "INSERT OR REPLACE INTO exported_bundle VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: who + what + (exported.ends[.casework] ?? .start).cells
                + (exported.ends[.published] ?? .start).cells)
    }

    /// A volume was taken in, to its end.
    package func noteVolume(_ volume: Int, isLast: Bool, of bundle: Data, from peer: Peer) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO carried_volume (peer, bundle, volume, last) VALUES (?, ?, ?, ?)",
            arguments: [peer.row, bundle, volume, isLast])
        try db.execute(
            sql: """
                DELETE FROM carried_volume WHERE peer = ?1
                AND arrival <= (SELECT max(arrival) FROM carried_volume) - ?2
                """, arguments: [peer.row, Limits.rememberedVolumes])
    }

    package func arrivedVolumes(of bundle: Data, from peer: Peer) throws -> ArrivedVolumes {
        let rows = try Row.fetchAll(
            db, sql: "SELECT volume, last FROM carried_volume WHERE peer = ? AND bundle = ?",
            arguments: [peer.row, bundle])
        return ArrivedVolumes(
            numbers: Set(try rows.map { try $0[0] as Int }), hasLast: try rows.contains { try $0[1] })
    }

    /// The openings of all who write at a unit, those of its latest node and incarnation first.
    package func openings(ofUnit unit: UnitCode) throws -> [SignedOpening] {
        try Data.fetchAll(
            db,
            sql: """
                SELECT opening FROM author WHERE unit = ? AND opening IS NOT NULL
                ORDER BY enrollment DESC, depth DESC, name
                """, arguments: [unit.text]
        ).map { try SignedOpening(bytes: $0) }
    }

    /// What this node answered to those who enrolled for a unit, the latest first.
    package func enrollmentAnswers(forUnit unit: UnitCode) throws -> [Data] {
        try Data.fetchAll(
            db, sql: "SELECT answer FROM enrollment WHERE unit = ? AND answer IS NOT NULL ORDER BY ordinal DESC",
            arguments: [unit.text])
    }
}
