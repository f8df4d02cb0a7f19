import Foundation
import ServiceModel
import SyncNode

/// How the link to the parent stands, as a serving node writes it down for commands beside it: the file `link` of the
/// data directory. It says something only while a server runs.
package struct LinkNote: Codable, Hashable, Sendable {
    package let isUp: Bool
    /// Seconds since 1970, since when it is so.
    package let since: Int64?
    /// Through whom it goes, or went last.
    package let unit: String?
    package let node: UInt32?
    package let isParent: Bool?
    package let code: String?
    package let english: String?
    package let chinese: String?
    /// The code with which the other end refused.
    package let refusal: String?
    /// Whether a comparison that is due waits for a newer program of the parent's.
    package let needsNewerParent: Bool?

    init(_ state: LineState) {
        isUp = state.isUp
        since = state.since
        unit = state.through?.unit.text
        node = state.through?.node
        isParent = state.through?.isParent
        code = state.failure?.code
        english = state.failure?.words[.english]
        chinese = state.failure?.words[.chinese]
        refusal = state.failure?.refusal
        needsNewerParent = state.needsNewerParent ? true : nil
    }

    private static func file(_ directory: NodeDirectory) -> URL { directory.url.appending(path: "link") }

    /// Where it cannot be written, as on a full disk, what was noted before is taken away: it is not so any more.
    /// - Throws: `NodeError.file`.
    func write(_ directory: NodeDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let note = try encoder.encode(self)
        do { try NodeDirectory.write(note, to: Self.file(directory)) } catch {
            Self.clear(directory)
            throw error
        }
    }

    /// What the server that runs here last noted; nil where none runs, or its link has not been tried yet.
    package static func read(_ directory: NodeDirectory) -> LineState? {
        guard ServerLock.isHeld(directory), let data = try? NodeDirectory.read(file(directory)),
            let note = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        var state = LineState()
        state.isUp = note.isUp
        state.since = note.since
        state.needsNewerParent = note.needsNewerParent ?? false
        if let unit = note.unit.flatMap({ UnitCode($0) }), let node = note.node, let isParent = note.isParent {
            state.through = UpperNode(unit: unit, node: node, isParent: isParent)
        }
        state.failure = note.code.map {
            UplinkFailure(
                code: $0, words: Words(note.english ?? "", note.chinese ?? note.english ?? ""), refusal: note.refusal)
        }
        return state
    }

    /// Takes away what was noted.
    static func clear(_ directory: NodeDirectory) { try? FileManager.default.removeItem(at: file(directory)) }
}
