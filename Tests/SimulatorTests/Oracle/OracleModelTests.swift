import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// The oracle against the executed rules, history by history, where those are beside the project.
@Suite struct OracleModelTests {
    static let seeds = 5001...5400
    static let chunk = 100

    @Test(arguments: stride(from: seeds.lowerBound, through: seeds.upperBound, by: chunk).map { $0 })
    func agreesWithTheModel(from first: Int) throws {
        guard let (status, lines) = try Self.export(from: first, count: Self.chunk) else {
            print("oracle and model not compared: no ../shared/model/export.py or no python3")
            return
        }
        #expect(status == 0, "the model's export ends with an error")
        #expect(lines.count == Self.chunk)
        var rules = OracleRules.town
        rules.counterFields = []
        for line in lines {
            guard let history = try JSONSerialization.jsonObject(with: line) as? [String: Any] else {
                Issue.record("a line of the export is no object")
                continue
            }
            let model = ModelReading(history)
            let state = Oracle(
                model.acts, authors: model.authors, charter: OracleCharter(model.entries), rules: rules
            ).state()
            let want = history["outcome"] as? [String: Any] ?? [:]
            let about = Comment(rawValue: "seed \(history["seed"] ?? "?")")
            let status = Dictionary(uniqueKeysWithValues: state.status.map { (Self.id($0.key), Self.words($0.value)) })
            #expect(status == want["status"] as? [String: [String]], about)
            #expect(state.chain.map(Self.id) == want["chain"] as? [String], about)
            #expect(state.holder == want["holder"] as? String, about)
            #expect(state.phase == want["phase"] as? String, about)
            #expect(state.values.mapValues(\.value) == want["values"] as? [String: String], about)
            #expect(state.conflicts.mapValues { $0.map(Self.id) } == want["conflicts"] as? [String: [String]], about)
            #expect(state.audience.sorted() == want["audience"] as? [String], about)
        }
    }

    private static func id(_ leaf: Leaf) -> String { String(leaf.description.prefix(16)) }

    /// A status in the model's words.
    private static func words(_ code: String) -> [String] {
        switch code {
        case "pending.parentMissing", "pending.parentPending": ["pending", "a parent is missing or pending"]
        case "pending.entryUnknown": ["pending", "its charter entry is missing"]
        case "void.pinBehind": ["void", "pin behind a parent's"]
        case "void.noPower": ["void", "no power"]
        case "void.creationOutOfPlace": ["void", "creation out of place"]
        case "void.notAboveBoth": ["void", "not above both"]
        case "void.notAboveHolder": ["void", "not above the holder"]
        case "void.answersWithoutCustody": ["void", "answers without custody"]
        case "proposal.outrun": ["proposal", "lost"]
        case "proposal.cut": ["proposal", "cut"]
        case "proposal.frozen": ["proposal", "frozen"]
        default: code.hasPrefix("void.") ? ["void", "illegal in its chain"] : [code, ""]
        }
    }

    /// How the model's export ends, and its lines; nil where it or Python is absent.
    private static func export(from seed: Int, count: Int) throws -> (status: Int32, lines: [Data])? {
        guard let script = Project.root?.deletingLastPathComponent().appending(path: "shared/model/export.py"),
            FileManager.default.fileExists(atPath: script.path)
        else { return nil }
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path, String(seed), String(count)]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONHASHSEED": "0"]) { $1 }
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let status = process.terminationStatus
        // So says `env` of a program that it does not find.
        return status == 127 ? nil : (status, data.split(separator: UInt8(ascii: "\n")))
    }
}

/// A line of the export, as the oracle takes it.
private struct ModelReading {
    private(set) var authors: [AuthorID: OracleAuthor] = [:]
    private(set) var acts: [OracleAct] = []
    private(set) var entries: [OracleCharter.Entry] = []
    private var byKey: [[String]: OracleAuthor] = [:]
    private var sequences: [String: UInt64] = [:]

    init(_ history: [String: Any]) {
        let sets = history["change_sets"] as? [[String: Any]] ?? []
        let log = history["entries"] as? [[String: Any]] ?? []
        let cut = log.compactMap { ($0["args"] as? [String: Any])?["author"] }
        let keys = Set((sets.compactMap { $0["author"] } + cut).map(Self.key))
        // The model compares names, the oracle ids.
        for (rank, key) in keys.sorted(by: { ($0[3], $0[0], $0[1], $0[2]) < ($1[3], $1[0], $1[1], $1[2]) }).enumerated()
        {
            let author = OracleAuthor(
                id: AuthorID(Bytes16(high: UInt64(rank + 1), low: 0)), unit: key[0], enrollment: UInt32(key[1]) ?? 0,
                depth: UInt32(key[2]) ?? 0)
            byKey[key] = author
            authors[author.id] = author
        }
        var writers: [String: AuthorID] = [:]
        for set in sets {
            let id = set["id"] as? String ?? ""
            sequences[id] = UInt64(set["seq"] as? Int ?? 0)
            writers[id] = byKey[Self.key(set["author"] ?? [])]?.id
        }
        for set in sets {
            let id = set["id"] as? String ?? ""
            guard let author = writers[id] else { continue }
            var act = OracleAct(
                leaf: Leaf(id.name), author: author, sequence: sequences[id] ?? 0,
                isCreation: set["kind"] as? String == "create", pin: EntryDigest((set["pin"] as? String ?? "").name),
                kind: OracleRules.townKind(set["kind"] as? String ?? ""))
            act.parents = (set["parents"] as? [String] ?? []).map {
                (Leaf($0.name), writers[$0] ?? AuthorID(Bytes16(high: 0, low: 0)), sequences[$0] ?? 0)
            }
            act.target = set["target"] as? String
            if let field = set["field"] as? String { act.writes = [(field, set["value"] as? String ?? "")] }
            act.admits = (set["admits"] as? [String] ?? []).map { Leaf($0.name) }
            act.declines = (set["declines"] as? [String] ?? []).map { Leaf($0.name) }
            act.evidence = set["evidence"] as? Bool ?? false
            acts.append(act)
        }
        entries = log.map { entry in
            OracleCharter.Entry(
                number: UInt64(entry["number"] as? Int ?? 0), digest: EntryDigest((entry["id"] as? String ?? "").name),
                previous: (entry["prev"] as? String).map { EntryDigest($0.name) }, change: change(entry))
        }
    }

    private func change(_ entry: [String: Any]) -> OracleCharter.Change {
        let args = entry["args"] as? [Any] ?? []
        func text(_ at: Int) -> String { at < args.count ? args[at] as? String ?? "" : "" }
        switch entry["kind"] as? String {
        case "genesis":
            let units = args.compactMap { $0 as? [Any] }.map { unit in
                (unit[0] as? String ?? "", OracleCharter.Unit(tier: unit[2] as? Int ?? 0, parent: unit[1] as? String))
            }
            return .units(Dictionary(units) { $1 }, last: true)
        case "grant": return .grant(unit: text(0), kind: OracleRules.townKind(text(1)))
        case "move": return .move(unit: text(0), parent: text(1))
        case "join": return .join(EntryDigest(text(0).name))
        case "cut": return (entry["args"] as? [String: Any]).flatMap(cut) ?? .other
        default: return .other
        }
    }

    private func cut(_ args: [String: Any]) -> OracleCharter.Change? {
        guard let author = byKey[Self.key(args["author"] ?? [])] else { return nil }
        let trail = args["trail"] as? [String] ?? []
        let through = max(UInt64(trail.count), trail.compactMap { sequences[$0] }.max() ?? 0)
        var out = OracleCut(
            author: author, through: through, leaf: trail.first { sequences[$0] == through }.map { Leaf($0.name) },
            heir: args["heir"] as? String)
        out.forkFrom = 1
        out.forkKept = Set(trail.map { Leaf($0.name) })
        out.scope = (args["scope"] as? [String]).map { Set($0.map(OracleRules.townKind)) }
        return .cut(out)
    }

    /// Unit, enrollment, depth, name.
    private static func key(_ author: Any) -> [String] { (author as? [Any] ?? []).map { "\($0)" } }
}
