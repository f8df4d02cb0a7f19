import Foundation
import GRDB

extension Replica {
    /// Lets nobody write to a database file while `body` puts another one in its place. Who waited then is told that
    /// the file is not the one that it had opened. Where a damaged file does not let itself be held, nobody writes to
    /// it.
    /// - Throws: `ReplicaError.busy` where somebody else goes on writing, and what `body` throws.
    package static func holding<T>(path: String, _ body: () throws -> T) throws -> T {
        guard FileManager.default.fileExists(atPath: path), !ReplicaFile.isEmpty(path) else { return try body() }
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        var result: Result<T, any Error>?
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { db in
                try db.inTransaction(.immediate) {
                    result = Result(catching: body)
                    return .rollback
                }
            }
            try queue.close()
        } catch let error as DatabaseError {
            if result == nil, error.resultCode == .SQLITE_BUSY { throw ReplicaError.busy }
        }
        return try result?.get() ?? body()
    }
}
