import ChangeSet
import Foundation
import GRDB

/// A disk that changes bytes at rest.
extension SimulatedNetwork {
    /// The disk changes a bit of a change set in the journal of a unit's machine. Nobody has the file open.
    /// - Parameter foreignOnly: of what came from other units.
    /// - Returns: whether anything reads otherwise now.
    func rot(_ name: String, foreignOnly: Bool, _ random: inout SeededGenerator) throws -> Bool {
        let queue = try DatabaseQueue(path: directory(name).replica.path)
        defer { try? queue.close() }
        return try queue.write { db in
            let find = "SELECT DISTINCT run FROM journal WHERE feed = 2 AND (source IS NOT NULL OR NOT ?) ORDER BY run"
            let runs = try Int64.fetchAll(db, sql: find, arguments: [foreignOnly])
            guard !runs.isEmpty else { return false }
            let run = random.pick(runs)
            if let packed = try Data.fetchOne(db, sql: "SELECT packed FROM run WHERE id = ?", arguments: [run]) {
                let bad = Self.flipped(packed, &random)
                try db.execute(sql: "UPDATE run SET packed = ? WHERE id = ?", arguments: [bad, run])
                return bad.first != packed.first || Self.plain(bad) != Self.plain(packed)
            }
            let bodies = try Row.fetchAll(
                db, sql: "SELECT offset, bytes FROM unpacked WHERE run = ? ORDER BY offset", arguments: [run])
            guard !bodies.isEmpty else { return false }
            let body = random.pick(bodies)
            try db.execute(
                sql: "UPDATE unpacked SET bytes = ? WHERE run = ? AND offset = ?",
                arguments: [Self.flipped(body[1], &random), run, body[0] as Int])
            return true
        }
    }

    /// Whether a unit's file says that something was taken out of its journal.
    func notesDamage(_ name: String) throws -> Bool {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: directory(name).replica.path, configuration: configuration)
        defer { try? queue.close() }
        let sql = "SELECT EXISTS (SELECT 1 FROM damaged_run)"
        return try queue.read { try Bool.fetchOne($0, sql: sql) } ?? false
    }

    private static func flipped(_ bytes: Data, _ random: inout SeededGenerator) -> Data {
        guard !bytes.isEmpty else { return bytes }
        var out = [UInt8](bytes)
        out[random.below(out.count)] ^= 1 << UInt8(random.below(8))
        return Data(out)
    }

    /// What a packed run holds; nil where it cannot be unpacked. The bits behind its end mean nothing.
    private static func plain(_ packed: Data) -> [UInt8]? {
        var plain: [UInt8] = []
        let inflater = Inflater(dictionary: PresetDictionary.bytes, bound: 1 << 20)
        do { try inflater.read(packed.dropFirst()) { plain += $0 } } catch { return nil }
        return inflater.isFinished ? plain : nil
    }
}
