import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// The oracle on the frozen histories whose outcome the program's own fold is held to as well.
@Suite struct OracleFixtureTests {
    @Test(arguments: ["calm", "rough", "wild"])
    func comesToTheSame(_ name: String) throws {
        let file = try #require(Project.root).appending(path: "fixtures/fold/\(name).jsonl")
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 12)
        for line in lines {
            let history = try JSONDecoder().decode(FoldHistory.self, from: line)
            let want = history.outcome
            let about = Comment(rawValue: "\(name), seed \(history.seed)")
            let oracle = Oracle(
                history.acts, authors: history.authorsByID, charter: OracleCharter(history.charterEntries), rules: .town
            )
            let state = oracle.state()
            #expect(Self.texts(state.status) == want.status, about)
            #expect(state.chain.map(\.description) == want.chain, about)
            #expect(state.holder == want.holder, about)
            #expect(state.phase == want.phase, about)
            #expect(state.inDoubt == want.inDoubt, about)
            #expect(
                state.values.mapValues { [$0.value, $0.leaf.description, $0.writer.description] } == want.values, about)
            #expect(state.conflicts.mapValues { $0.map(\.description) } == want.conflicts, about)
            #expect(state.units.sorted() == want.units, about)
            #expect(state.audience.sorted() == want.audience, about)
            #expect(state.heads.map(\.description) == want.heads, about)
            #expect(state.frozen.map(\.description) == want.frozen, about)
        }
    }

    private static func texts(_ status: [Leaf: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: status.map { ($0.key.description, $0.value) })
    }
}

enum Project {
    /// Where the package lies, found from this file.
    static let root: URL? = {
        var at = URL(filePath: #filePath)
        while at.pathComponents.count > 1 {
            at.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: at.appending(path: "Package.swift").path) { return at }
        }
        return nil
    }()
}

extension OracleRules {
    /// The town of the reference model: its kinds are numbered from 1 in this order.
    static let townKinds = [
        "create", "correct", "receive", "suspend", "resume", "decide", "issue", "withdraw", "terminate", "hand_over",
        "takeover", "amend", "settle", "answer", "reroute", "evaluate", "deliver_copy",
    ]

    static func townKind(_ name: String) -> UInt32 { UInt32((townKinds.firstIndex(of: name) ?? townKinds.count) + 1) }

    static let town: OracleRules = {
        let open: Set<String> = ["accepted", "correcting", "suspended"]
        func high(_ from: Set<String>, _ to: String?, _ effect: Effect = .keep) -> Action {
            var out = Action(effect: effect, from: from, to: to)
            out.lowestTier = 2
            return out
        }
        var decide = high(["accepted"], "decided")
        decide.decisive = true
        var evaluate = Action(effect: .write), copy = Action(effect: .keep)
        evaluate.once = true
        copy.byCreator = true
        let table = [
            "create": Action(effect: .create, to: "accepted"),
            "correct": Action(effect: .keep, from: ["accepted"], to: "correcting"),
            "receive": Action(effect: .keep, from: ["correcting"], to: "accepted"),
            "suspend": high(["accepted"], "suspended"), "resume": high(["suspended"], "accepted"), "decide": decide,
            "issue": high(["decided"], "issued"), "withdraw": Action(effect: .keep, from: open, to: "withdrawn"),
            "terminate": Action(effect: .keep, from: open.union(["decided"]), to: "terminated"),
            "hand_over": Action(effect: .handOver, from: ["accepted", "correcting", "decided"]),
            "takeover": high(open.union(["decided"]), nil, .takeOver), "amend": Action(effect: .write),
            "settle": Action(effect: .settle), "answer": Action(effect: .answer), "reroute": Action(effect: .reroute),
            "evaluate": evaluate, "deliver_copy": copy,
        ]
        return OracleRules(
            actions: Dictionary(uniqueKeysWithValues: table.map { (townKind($0.key), $0.value) }),
            counterFields: ["address", "material"])
    }()
}
