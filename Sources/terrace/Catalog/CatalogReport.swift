import Foundation
import ServiceModel

/// What there is to say about one import of a catalog file, for people and for programs.
package struct CatalogReport: Encodable, Hashable, Sendable {
    /// An item that is published or revised.
    package struct Taken: Encodable, Hashable, Sendable {
        package let line: Int
        /// `publish` or `revise`.
        package let action: String
        package let item: String
        package let name: String
        package let version: UInt32
    }

    /// An item that stays as it is published.
    package struct Unchanged: Encodable, Hashable, Sendable {
        package let line: Int
        package let item: String
    }

    /// An entry that was not taken, with a stable code.
    package struct Refused: Encodable, Hashable, Sendable {
        package let line: Int
        package let code: String
        package let reason: String
    }

    package private(set) var taken: [Taken] = []
    package private(set) var unchanged: [Unchanged] = []
    package private(set) var refused: [Refused] = []
    /// Published codes without a good entry in the file; they stay as they are.
    package let absent: [String]

    package init(_ plan: CatalogImportPlan) {
        absent = plan.absent
        for (line, step) in plan.steps {
            switch step {
            case .publish(let item): taken.append(Taken(line: line, .publish, item))
            case .revise(let item): taken.append(Taken(line: line, .revise, item))
            case .unchanged(let code): unchanged.append(Unchanged(line: line, item: code))
            case .refused(let refusal):
                refused.append(Refused(line: line, code: refusal.code, reason: refusal.reason))
            }
        }
    }

    /// One line for each refusal, up to `mostListed`, and one for the whole.
    package func text(mostListed: Int) -> String {
        var lines = refused.prefix(mostListed).map { "line \($0.line): \($0.code): \($0.reason)" }
        if refused.count > mostListed { lines.append("and \(refused.count - mostListed) more") }
        let published = taken.count { $0.action == CatalogAction.publish.name }
        lines.append(
            "published \(published), revised \(taken.count - published), unchanged \(unchanged.count), "
                + "refused \(refused.count), published without an entry here \(absent.count)")
        return lines.joined(separator: "\n")
    }

    /// The report as JSON with sorted keys.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension CatalogReport.Taken {
    fileprivate init(line: Int, _ action: CatalogAction, _ item: CatalogItem) {
        self.init(line: line, action: action.name, item: item.code, name: item.name, version: item.version)
    }
}
