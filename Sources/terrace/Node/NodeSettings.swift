import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode
import Yams

/// `terrace.yaml` in the data directory: where the node listens and whom it dials. What a command is told overrides it.
struct NodeSettings: Codable, Equatable {
    /// `host:port` at which children arrive.
    var listen: String?
    /// `host:port` of the pages and the API.
    var hall: String?
    /// `host:port` of the parent, and of units above it that may stand in for it, the best first.
    var uplink: UplinkAddresses?
    /// Bytes per second each way on the line upward, at most.
    var rate: Int?
    /// `hh:mm-hh:mm` in which that line may be used.
    var hours: String?
    /// The folder that a backup is made in every night, by its whole path.
    var backups: String?
    /// How many of them stay.
    var backupsKept: Int?

    /// Empty settings where there is no file.
    /// - Throws: `NodeError`.
    static func read(_ directory: NodeDirectory) throws -> NodeSettings {
        let file = directory.settings
        guard FileManager.default.fileExists(atPath: file.path) else { return NodeSettings() }
        let text = String(decoding: try NodeDirectory.read(file), as: UTF8.self)
        let saysNothing = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .allSatisfy { $0.isEmpty || $0.hasPrefix("#") }
        guard !saysNothing else { return NodeSettings() }
        do {
            return try YAMLDecoder().decode(NodeSettings.self, from: text)
        } catch is DecodingError {
            throw NodeError.badFile(file.path)
        } catch is YamlError {
            throw NodeError.badFile(file.path)
        }
    }

    func write(_ directory: NodeDirectory) throws {
        // Not `{}`, to which nobody could add a line.
        let text = self == NodeSettings() ? "" : try YAMLEncoder().encode(self)
        try NodeDirectory.write(Data(text.utf8), to: directory.settings, mode: 0o644)
    }
}

/// One address, or a list of them.
struct UplinkAddresses: Codable, Equatable {
    var list: [String]

    init?(_ list: [String]) {
        guard !list.isEmpty else { return nil }
        self.list = list
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            list = [one]
        } else {
            list = try container.decode([String].self)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if list.count == 1 {
            try container.encode(list[0])
        } else {
            try container.encode(list)
        }
    }
}

/// Whom a command dials.
struct UplinkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The parent's sync port; once more for each unit above it that may stand in, the best first.",
            valueName: "host:port"))
    var uplink: [String] = []

    @Option(
        help: ArgumentHelp("Keep the line upward to so many bytes per second, each way.", valueName: "bytes"))
    var rate: Int?

    /// Those that were given, else those of the settings; none at the root.
    /// - Throws: `NodeError.badInput`.
    func endpoints(else settings: NodeSettings) throws -> [PeerEndpoint] {
        try (uplink.isEmpty ? settings.uplink?.list ?? [] : uplink).map { try PeerEndpoint(typed: $0) }
    }

    /// - Parameter hours: those that were given.
    /// - Throws: `NodeError.badInput`.
    func terms(hours: String? = nil, else settings: NodeSettings) throws -> LineTerms {
        try settings.terms(rate: rate, hours: hours)
    }
}

extension NodeSettings {
    /// What may be done with the line upward.
    /// - Parameters:
    ///   - rate: that was given in place of the settings' own.
    ///   - hours: the same.
    /// - Throws: `NodeError.badInput`.
    func terms(rate: Int? = nil, hours: String? = nil) throws -> LineTerms {
        let rate = rate ?? self.rate
        if let rate, !LineTerms.rates.contains(rate) {
            let (least, most) = (LineTerms.rates.lowerBound, LineTerms.rates.upperBound)
            throw NodeError.badInput(
                "\(rate)",
                wanted: Words(
                    "bytes per second, \(least) to \(most)", "每秒字节数，\(least)至\(most)"))
        }
        let hours = try (hours ?? self.hours).map { text in
            guard let hours = LineHours(text) else {
                throw NodeError.badInput(text, wanted: Words("hours, like 22:00-06:00", "时段，如22:00-06:00"))
            }
            return hours
        }
        return LineTerms(rate: rate, hours: hours)
    }
}

extension NodeSettings {
    /// The backups of every night; nil where no folder is named.
    /// - Parameters:
    ///   - folder: that was given in place of the settings' own.
    ///   - kept: the same.
    /// - Throws: `NodeError.badInput`.
    func backupPlan(folder: String?, kept: Int?) throws -> BackupPlan? {
        guard let folder = folder ?? backups else {
            guard let kept = kept ?? backupsKept else { return nil }
            throw NodeError.badInput(
                "backupsKept: \(kept)", wanted: Words("a folder for them, `backups`", "存放它们的文件夹 `backups`"))
        }
        // Nobody knows in which folder a service is started.
        guard folder != backups || folder.hasPrefix("/") else {
            throw NodeError.badInput(
                folder, wanted: Words("a whole path, like /media/backup", "完整路径，如 /media/backup"))
        }
        return try BackupPlan(
            folder: URL(filePath: folder, directoryHint: .isDirectory),
            kept: kept ?? backupsKept ?? BackupPlan.usuallyKept)
    }
}

extension PeerEndpoint {
    /// - Throws: `NodeError.badInput` for what is no `host:port`.
    init(typed text: String) throws {
        guard let endpoint = Self(text: text) else {
            throw NodeError.badInput(text, wanted: Words("an address, host:port", "地址，即主机:端口"))
        }
        self = endpoint
    }

    /// `host:port`, an IPv6 address in brackets.
    init?(text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }
}
