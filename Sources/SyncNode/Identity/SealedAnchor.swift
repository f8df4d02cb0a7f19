import ChangeSet
import Foundation

/// An anchor as its file has it: JSON with its keys in order, and the SHA-256 of those bytes without it. A digit that
/// the disk has changed would be believed else, and numbers be given, or sequences sealed, a second time.
extension Anchor.Content {
    private enum SealKey: String, CodingKey {
        case sha256
    }

    /// What the file says beside the content.
    private struct Sealed: Encodable {
        let content: Anchor.Content
        let sha256: String

        func encode(to encoder: any Encoder) throws {
            try content.encode(to: encoder)
            var seal = encoder.container(keyedBy: SealKey.self)
            try seal.encode(sha256, forKey: .sha256)
        }
    }

    private struct Seal: Decodable {
        let sha256: String?
    }

    /// What is to stand in the file.
    var sealed: Data {
        get throws { try Self.json(Sealed(content: self, sha256: try digest)) }
    }

    /// What a file says. One of 0.1.0 has no digest, and not a byte that this content would not give it: so a key that
    /// was changed is no such file.
    /// - Returns: nil where the file is damaged.
    init?(sealed file: Data) {
        let decoder = JSONDecoder()
        guard let content = try? decoder.decode(Self.self, from: file),
            let seal = try? decoder.decode(Seal.self, from: file),
            let digest = try? content.digest, let plain = try? Self.json(content),
            seal.sha256.map({ $0 == digest }) ?? (file == plain)
        else { return nil }
        self = content
    }

    private var digest: String {
        get throws { Digest32(hashing: try Self.json(self)).description }
    }

    private static func json(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(value)
    }
}
