import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Cells of a row as they are read in this target, in place of GRDB's own subscripts, which end the process when a cell
/// is not of the type that its column has: a page that the disk has changed may give any value. They are disfavoured so
/// that a test that sees both reads by GRDB's.
extension Row {
    /// - Throws: `ReplicaError.damaged`.
    @_disfavoredOverload subscript<Value: DatabaseValueConvertible>(_ index: Int) -> Value {
        get throws {
            do { return try decode(Value.self, atIndex: index) } catch { throw damagedCell(columnNames, index) }
        }
    }

    /// - Throws: `ReplicaError.damaged`.
    @_disfavoredOverload subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) -> Value
    {
        get throws {
            do { return try decode(Value.self, atIndex: index) } catch { throw damagedCell(columnNames, index) }
        }
    }

    /// - Throws: `ReplicaError.damaged`.
    @_disfavoredOverload subscript<Value: DatabaseValueConvertible>(_ column: String) -> Value {
        get throws {
            do { return try decode(Value.self, forColumn: column) } catch { throw ReplicaError.damaged(column) }
        }
    }

    /// - Throws: `ReplicaError.damaged`.
    @_disfavoredOverload subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String)
        -> Value
    {
        get throws {
            do { return try decode(Value.self, forColumn: column) } catch { throw ReplicaError.damaged(column) }
        }
    }
}

private func damagedCell(_ columns: some Collection<String>, _ index: Int) -> ReplicaError {
    .damaged(columns.dropFirst(index).first ?? "\(index)")
}

extension Row {
    /// - Throws: `ReplicaError.damaged`.
    func feed(_ index: Int) throws -> Feed {
        guard let feed = UInt8(exactly: try self[index] as Int64).flatMap(Feed.init) else {
            throw damagedCell(columnNames, index)
        }
        return feed
    }

    /// A number that is never negative.
    /// - Throws: `ReplicaError.damaged`.
    func count(_ index: Int) throws -> UInt64 {
        guard let count = UInt64(exactly: try self[index] as Int64) else { throw damagedCell(columnNames, index) }
        return count
    }

    /// Seconds since 1970, brought into the years that can be written, so that what is reckoned with them comes out.
    /// - Throws: `ReplicaError.damaged`.
    func time(_ index: Int) throws -> Int64 { ClockContact.sane(try self[index]) }

    /// Sixteen bytes.
    /// - Throws: `ReplicaError.damaged`.
    func bytes16(_ index: Int) throws -> Bytes16 {
        guard let data: Data = try self[index], data.count == 16, let bytes = Bytes16(data) else {
            throw damagedCell(columnNames, index)
        }
        return bytes
    }

    /// What a seal says.
    /// - Throws: `ReplicaError.damaged`.
    func sealBody(_ index: Int) throws -> WireSealBody {
        guard let body = try? WireSealBody(serializedBytes: try self[index] as Data) else {
            throw damagedCell(columnNames, index)
        }
        return body
    }

    /// - Throws: `ReplicaError.damaged`.
    func digest(_ index: Int) throws -> Digest32 {
        guard let digest = Digest32(try self[index] as Data) else { throw damagedCell(columnNames, index) }
        return digest
    }
}
