import Foundation
import ServiceModel

/// A topology file of either format.
package enum TopologyFile {
    /// Reads YAML (`.yaml`, `.yml`) or a table (`.csv`), by the end of the name. The plan is not yet checked.
    /// - Throws: `TopologyFileError`, `CSVError`, `YAMLFileError`; `TopologyRejected` when there are too many units.
    package static func read(path: String) throws -> TopologyPlan {
        let ending = (path as NSString).pathExtension.lowercased()
        guard ["yaml", "yml", "csv"].contains(ending) else { throw TopologyFileError.unknownFormat(path) }
        do {
            if ending == "csv" { return try TopologyCSV.read(path: path) }
            return try TopologyYAML.read(BoundedFile.bytes(path: path, limit: YAMLDocument.longestFile))
        } catch let error as CocoaError {
            throw TopologyFileError.unreadable(path, reason: error.localizedDescription)
        }
    }

    /// The refusal of a file that has more units than one network may have, before the rest of it is read.
    static func tooManyUnits(at row: TopologyPlan.Row) -> TopologyRejected {
        TopologyRejected(problems: [
            TopologyProblem(
                .tooManyUnits, line: row.line, unit: row.code,
                "more than \(TopologyPlan.mostUnits) units; at most that many in one network")
        ])
    }
}

/// Why a topology file cannot be opened.
package enum TopologyFileError: CodedError, Hashable, Sendable, CustomStringConvertible {
    case unknownFormat(String)
    case unreadable(String, reason: String)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .unknownFormat: "topologyFile.unknownFormat"
        case .unreadable: "topologyFile.unreadable"
        }
    }

    package var description: String {
        switch self {
        case .unknownFormat(let path): "\(code): \(path): the name must end in .yaml, .yml or .csv"
        case .unreadable(let path, let reason): "\(code): \(path): \(reason)"
        }
    }
}
