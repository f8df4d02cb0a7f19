import Foundation
import Testing

@testable import ServiceModel

/// Terrace's fold against the executed rules, history by history.
@Suite struct ModelDifferentialTests {
    static let seeds = 1...2000
    static let chunk = 125

    @Test(arguments: stride(from: seeds.lowerBound, through: seeds.upperBound, by: chunk).map { $0 })
    func agreesWithTheModel(from first: Int) throws {
        guard let lines = try ModelExport.histories(from: first, count: Self.chunk) else {
            print("model comparison skipped: no ../shared/model/export.py or no python3")
            return
        }
        #expect(lines.count == Self.chunk)
        let decoder = JSONDecoder()
        for line in lines {
            let history = try decoder.decode(ModelHistory.self, from: line)
            let adapted = AdaptedHistory(history)
            let state = fold(adapted, history.delivery, asking: history.seed % 4 == 0)
            expect(state, matches: history)
            var random = SplitMix(seed: UInt64(history.seed))
            let other = fold(adapted, history.delivery.shuffled(using: &random), asking: history.seed % 4 == 1)
            #expect(other == state, "seed \(history.seed): the order of delivery matters")
        }
    }

    private func fold(_ history: AdaptedHistory, _ delivery: [String], asking: Bool) -> CaseState {
        var charter = Charter()
        var fold = CaseFold(rules: Town.modelRules)
        for id in delivery {
            for entry in history.entries[id] ?? [] { charter.add(entry) }
            if let act = history.acts[id] { fold.insert(act) }
            if asking { _ = fold.state(charter: charter, authors: history.authors) }
        }
        return fold.state(charter: charter, authors: history.authors)
    }

    private func expect(_ state: CaseState, matches history: ModelHistory) {
        let want = history.outcome
        let name = Dictionary(history.change_sets.map { (AdaptedHistory.leaf($0.id), $0.id) }) { $1 }
        let about = Comment(rawValue: "seed \(history.seed)")
        let status = Dictionary(
            uniqueKeysWithValues: state.status.map { (name[$0.key] ?? "?", Self.words(for: $0.value)) }
        )
        #expect(status == want.status, about)
        #expect(state.chain.map { name[$0] ?? "?" } == want.chain, about)
        #expect(state.holder?.text == want.holder, about)
        #expect(state.phase?.rawValue == want.phase, about)
        #expect(state.values.mapValues(\.value) == want.values, about)
        #expect(state.conflicts.mapValues { $0.map { name[$0] ?? "?" } } == want.conflicts, about)
        #expect(state.audience.map(\.text).sorted() == want.audience, about)
    }

    /// A status in the model's words.
    static func words(for status: Status) -> [String] {
        switch status {
        case .pending(.parentMissing), .pending(.parentPending): ["pending", "a parent is missing or pending"]
        case .pending(.entryUnknown): ["pending", "its charter entry is missing"]
        case .pending(.notUnderstood): ["pending", "not understood"]
        case .void(.pinBehind): ["void", "pin behind a parent's"]
        case .void(.noPower): ["void", "no power"]
        case .void(.creationOutOfPlace): ["void", "creation out of place"]
        case .void(.notAboveBoth): ["void", "not above both"]
        case .void(.notAboveHolder): ["void", "not above the holder"]
        case .void(.answersWithoutCustody): ["void", "answers without custody"]
        case .void: ["void", "illegal in its chain"]
        case .proposal(.outrun): ["proposal", "lost"]
        case .proposal(.cut): ["proposal", "cut"]
        case .proposal(.frozen): ["proposal", "frozen"]
        case .pending(.authorUnknown), .lostByCut: ["none of the model's"]
        case .effective, .merged, .request, .admitted, .declined: [status.code, ""]
        }
    }
}

/// The reference model beside the project, where it is present.
enum ModelExport {
    /// Lines of its export; nil where the model or Python is absent.
    static func histories(from seed: Int, count: Int, file: String = #filePath) throws -> [Data]? {
        guard let root = ProjectRoot.find(from: file) else { return nil }
        let script = root.deletingLastPathComponent().appendingPathComponent("shared/model/export.py")
        guard FileManager.default.fileExists(atPath: script.path) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path, String(seed), String(count)]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONHASHSEED": "0"]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return data.split(separator: UInt8(ascii: "\n"))
    }
}
