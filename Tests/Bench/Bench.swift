import Foundation

/// Measures the built program against floors that are measured in the same run (`make bench`).
///
///     bench PROGRAM [--cases 1000] [--rounds 3] [--seed 1]
@main
enum Bench {
    static func main() throws {
        var words = CommandLine.arguments.dropFirst()
        func option(_ name: String, _ usual: Int) -> Int {
            guard let at = words.firstIndex(of: name), let value = words.dropFirst(at - words.startIndex + 1).first
            else { return usual }
            words.removeSubrange(at...(at + 1))
            return max(1, Int(value) ?? usual)
        }
        let cases = option("--cases", 1_000), rounds = option("--rounds", 3), seed = option("--seed", 1)
        guard let program = words.first else {
            print("bench PROGRAM [--cases 1000] [--rounds 3] [--seed 1]")
            exit(64)
        }
        let results = try (0..<rounds).map { round in
            try BenchRound(program: URL(filePath: program), cases: cases, seed: UInt64(seed + round)).figures
        }
        print("\(cases) cases with five further actions each, seed \(seed), \(rounds) rounds: median (least … most)")
        for figure in Figure.allCases {
            let values = results.compactMap { $0[figure] }.sorted()
            guard let least = values.first, let most = values.last else { continue }
            let median = values[values.count / 2]
            let aim = figure.aim.map { "  aim \($0.text): \($0.isMet(by: median) ? "met" : "missed")" } ?? ""
            print("\(text(median))  (\(text(least)) … \(text(most)))  \(figure.words)\(aim)")
        }
    }

    private static func text(_ value: Double) -> String {
        let text = value >= 100 ? String(Int(value.rounded())) : String(format: value < 1 ? "%.4f" : "%.2f", value)
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }
}
