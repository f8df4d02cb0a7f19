import Foundation
import ServiceModel
import SyncNode

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
            throw TopologyFileError.unreadable(path, FileTrouble(error))
        }
    }

    /// The refusal of a file that has more units than one network may have, before the rest of it is read.
    static func tooManyUnits(at row: TopologyPlan.Row) -> TopologyRejected {
        TopologyRejected(problems: [
            TopologyProblem(
                .tooManyUnits, line: row.line, unit: row.code,
                Words(
                    "more than \(TopologyPlan.mostUnits) units; at most that many in one network",
                    "单位超过\(TopologyPlan.mostUnits)个：一个网络至多这么多"))
        ])
    }
}

/// Why a topology file cannot be opened.
package enum TopologyFileError: CodedError, Hashable, Sendable {
    case unknownFormat(String)
    case unreadable(String, FileTrouble)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .unknownFormat: "topologyFile.unknownFormat"
        case .unreadable: "topologyFile.unreadable"
        }
    }

    package var words: Words {
        switch self {
        case .unknownFormat(let path):
            Words("\(path): the name must end in .yaml, .yml or .csv", "\(path)：文件名应以.yaml、.yml或.csv结尾")
        case .unreadable(let path, let why): Words("\(path) cannot be read: ", "\(path)无法读取：") + why.words
        }
    }
}
