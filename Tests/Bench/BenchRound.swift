import Foundation

/// One run of everything that is measured, on a network founded for it.
struct BenchRound {
    private(set) var figures: [Figure: Double] = [:]
    private let folder: URL
    private let nodes: [BenchNode]
    private var town: BenchNode { nodes[2] }
    private var village: BenchNode { nodes[3] }

    /// - Parameter count: how many cases the village accepts while its line is cut.
    init(program: URL, cases count: Int, seed: UInt64) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-bench-\(UUID().uuidString)")
        self.folder = folder
        nodes = BenchTown.path.map { BenchNode($0, in: folder, program: program) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            for node in nodes { node.stop() }
            try? FileManager.default.removeItem(at: folder)
        }
        figures[.programSize] = Double(try PlainFloor.size(ofFile: program.path)) / 1_048_576
        try found()
        let before = try village.databaseBytes
        let cases = BenchCase.make(count, seed: seed)
        let receipts = try takeIn(cases)
        let port = try town.serve(["--listen", "127.0.0.1:0"]).port
        let (exchange, seconds) = try village.sync(to: port)
        let grown = try village.databaseBytes - before
        let pause = try idle(port)
        let rows = try zip(cases, receipts).map { one, receipt in
            try PlainRow.rows(of: one, receipt: receipt, booked: 1_790_000_000 + Int64(one.number * 97))
        }
        figures[.batchBytes] = Double(exchange.bytes)
        figures[.batchShare] = Double(exchange.bytes) / Double(try PlainFloor.deflated(rows.flatMap { $0 }))
        try compare(seconds - pause, grown, with: rows, batches: max(exchange.sentBatches, 1))
        try one(port, seed: seed)
        try serve(port)
    }

    /// City, county, town and village, each enrolled at the one above; nobody serves in the end.
    private mutating func found() throws {
        let topology = folder.appending(path: "topology.yaml"), catalog = folder.appending(path: "catalog.json")
        try Data(BenchTown.topology.utf8).write(to: topology)
        try BenchTown.catalog().write(to: catalog)
        let city = nodes[0]
        try city.run(["init", "--network", "云栖市政务服务", "--unit", city.unit, "--name", "云栖市"])
        try city.run(["topology", "import", topology.path])
        try city.run(["catalog", "import", catalog.path])
        for (above, below) in zip(nodes, nodes.dropFirst()) {
            let port = try above.serve(["--listen", "127.0.0.1:0"]).port
            let code = try above.run(["enroll", "code", below.unit]).text
            let words = try below.run([
                "enroll", "join", "--unit", below.unit, "--parent", "127.0.0.1:\(port)", "--code",
                code.trimmingCharacters(in: .whitespacesAndNewlines),
            ]).text
            figures[.firstContactBytes] = words.split { !$0.isNumber }.last.flatMap { Double($0) }
            // The first exchange after that brings the parent what it does not know of the child.
            try below.sync(to: port)
            above.stop()
        }
    }

    private struct Answer: Decodable {
        let receipt: String
    }

    /// - Returns: the receipts, in the order of the cases.
    private mutating func takeIn(_ cases: [BenchCase]) throws -> [String] {
        let file = folder.appending(path: "cases-\(cases.count).jsonl")
        try cases.map { try $0.line + Data("\n".utf8) }.reduce(Data(), +).write(to: file)
        let (answers, seconds) = try village.run(["case", "import", file.path, "--format", "json"])
        if figures[.intakeSeconds] == nil { figures[.intakeSeconds] = seconds }
        let receipts = try answers.split(separator: "\n").map {
            try JSONDecoder().decode(Answer.self, from: Data($0.utf8)).receipt
        }
        guard receipts.count == cases.count else {
            throw BenchNode.Failure(description: "\(receipts.count) of \(cases.count) taken in")
        }
        return receipts
    }

    /// - Returns: the seconds of a `terrace sync` that has nothing to move: the start of a process and a handshake.
    private mutating func idle(_ port: Int) throws -> Double {
        let exchanges = try (0..<5).map { _ in try village.sync(to: port) }
        figures[.idleBytes] = exchanges.last.map { Double($0.exchange.bytes) }
        figures[.idleRoundTrips] = exchanges.last.map { Double($0.exchange.roundTrips) }
        return exchanges.map(\.seconds).sorted()[exchanges.count / 2]
    }

    /// Holds time and growth against the same content in plain tables, in transactions of the same size.
    private mutating func compare(_ seconds: Double, _ grown: Int, with rows: [[PlainRow]], batches: Int) throws {
        let size = (rows.count + batches - 1) / batches
        let groups = stride(from: 0, to: rows.count, by: size).map { start in
            Array(rows[start..<min(start + size, rows.count)].joined())
        }
        let floors = try (0..<7).map { _ in try PlainFloor.insert(groups, in: folder) }
        let floor = floors.map(\.seconds).sorted()[floors.count / 2]
        figures[.applySeconds] = seconds
        figures[.floorSeconds] = floor
        figures[.applyShare] = floor / max(seconds, 1e-9)
        figures[.databaseBytes] = Double(grown)
        figures[.plainBytes] = Double(floors[0].bytes)
        figures[.databaseShare] = Double(grown) / Double(floors[0].bytes)
    }

    /// One more case, which goes up by itself.
    private mutating func one(_ port: Int, seed: UInt64) throws {
        var other = SplitMix(seed: seed ^ 0xb5)
        let alone = BenchCase(number: 1_000_003, random: &other, isAlone: true)
        let receipt = try takeIn([alone]).first ?? ""
        let (exchange, _) = try village.sync(to: port)
        figures[.oneCaseBytes] = Double(exchange.bytes)
        figures[.oneCasePlainBytes] = Double(
            try PlainFloor.deflated(try PlainRow.rows(of: alone, receipt: receipt, booked: 1_790_000_000)))
        figures[.oneCaseRoundTrips] = Double(exchange.roundTrips)
    }

    /// The village serves its counter with the line up, and its pages have been asked for: what they need is in memory.
    private mutating func serve(_ port: Int) throws {
        let starts = try (0..<3).map { _ in
            let (hall, seconds) = try village.serve(["--hall", "127.0.0.1:0", "--uplink", "127.0.0.1:\(port)"])
            for page in ["/counter", "/wall"] { try PageVisit.get(page, port: hall) }
            Thread.sleep(forTimeInterval: 1.5)
            let memory = try village.memory()
            figures[.ownMemory] = Double(memory.own) / 1024
            figures[.residentMemory] = Double(memory.resident) / 1024
            village.stop()
            return seconds
        }
        figures[.startSeconds] = starts.sorted()[starts.count / 2]
    }
}
