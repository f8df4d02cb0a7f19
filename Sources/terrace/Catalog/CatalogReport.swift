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
    private let language: Language

    private enum CodingKeys: String, CodingKey { case taken, unchanged, refused, absent }

    /// - Parameter language: of the reasons.
    package init(_ plan: CatalogImportPlan, in language: Language = .current) {
        self.language = language
        absent = plan.absent
        for (line, step) in plan.steps {
            switch step {
            case .publish(let item): taken.append(Taken(line: line, .publish, item))
            case .revise(let item): taken.append(Taken(line: line, .revise, item))
            case .unchanged(let code): unchanged.append(Unchanged(line: line, item: code))
            case .refused(let refusal):
                refused.append(Refused(line: line, code: refusal.code, reason: refusal.words[language]))
            }
        }
    }

    /// One line for each refusal, up to `mostListed`, and one for the whole.
    package func text(mostListed: Int) -> String {
        var lines = refused.prefix(mostListed).map { refusal in
            Words("line \(refusal.line): ", "第\(refusal.line)行：")[language] + "\(refusal.code): \(refusal.reason)"
        }
        let more = refused.count - mostListed
        if more > 0 { lines.append(Words("and \(more) more", "另有\(more)处")[language]) }
        let published = taken.count { $0.action == CatalogAction.publish.name }
        lines.append(
            Words(
                "published \(published), revised \(taken.count - published), unchanged \(unchanged.count), "
                    + "refused \(refused.count), published without an entry here \(absent.count)",
                "新发布\(published)，修订\(taken.count - published)，不变\(unchanged.count)，拒绝\(refused.count)，"
                    + "已发布而文件未列\(absent.count)")[language])
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
