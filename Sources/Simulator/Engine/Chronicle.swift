import ServiceModel

/// Which part of a run's story is told as it happens.
package struct CityTrace: Sendable {
    /// All that concerns these units, or these cases by their number in the run.
    package var units: Set<String> = []
    package var cases: Set<Int> = []
    package var tellsAll = false
    package var write: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// The story of a run, line by line: what its digest is taken over, and what a trace tells.
package struct Chronicle: Sendable {
    private let trace: CityTrace
    package private(set) var digest = RunDigest()
    package private(set) var count = 0
    /// The last lines, for who looks for the reason of a failure.
    package private(set) var last: [String] = []

    private static let kept = 24

    init(trace: CityTrace) { self.trace = trace }

    mutating func tell(
        ticks: Int64, seconds: Int64, _ what: String, _ units: [String], _ number: Int?, _ more: String
    ) {
        var line = "\(ticks) \(what) \(units.joined(separator: " "))"
        if let number { line += " case \(number)" }
        if !more.isEmpty { line += " \(more)" }
        digest.add(line)
        count += 1
        last.append(line)
        if last.count > 2 * Self.kept { last.removeFirst(Self.kept) }
        let isWanted = number.map(trace.cases.contains) == true || units.contains(where: trace.units.contains)
        if trace.tellsAll || isWanted { trace.write("\(CivilTime.text(seconds))  \(line)") }
    }

    /// Something of which no line is told, and which two equal runs have in common all the same.
    mutating func add(_ text: String) { digest.add(text) }
}
