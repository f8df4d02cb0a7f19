/// What is measured, with what is aimed at.
enum Figure: String, CaseIterable {
    case batchBytes, batchShare, oneCaseBytes, oneCasePlainBytes, oneCaseRoundTrips, idleBytes, idleRoundTrips,
        firstContactBytes
    case applySeconds, floorSeconds, applyShare, intakeSeconds
    case databaseBytes, plainBytes, databaseShare
    case ownMemory, residentMemory, startSeconds, programSize

    enum Aim {
        case atMost(Double)
        case atLeast(Double)

        var text: String {
            switch self {
            case .atMost(let bound): "≤ \(bound.formatted())"
            case .atLeast(let bound): "≥ \(bound.formatted())"
            }
        }

        func isMet(by value: Double) -> Bool {
            switch self {
            case .atMost(let bound): value <= bound
            case .atLeast(let bound): value >= bound
            }
        }
    }

    var aim: Aim? {
        switch self {
        case .batchShare: .atMost(0.8)
        case .oneCaseBytes: .atMost(450)
        case .idleBytes: .atMost(100)
        case .oneCaseRoundTrips, .idleRoundTrips: .atMost(1)
        case .applyShare: .atLeast(0.3)
        case .databaseShare: .atMost(1.6)
        case .ownMemory: .atMost(15)
        case .residentMemory: .atMost(50)
        case .startSeconds: .atMost(0.3)
        default: nil
        }
    }

    var words: String {
        switch self {
        case .batchBytes: "all cases in one exchange, body bytes both ways"
        case .batchShare: "  of zlib -6 over the same rows as JSON lines"
        case .oneCaseBytes: "one case in one exchange, body bytes both ways"
        case .oneCasePlainBytes: "  zlib -6 over the row of that one case alone, bytes"
        case .oneCaseRoundTrips: "  round trips"
        case .idleBytes: "an exchange with nothing to say, body bytes both ways"
        case .idleRoundTrips: "  round trips"
        case .firstContactBytes: "what a first contact brings (certificates, charter, catalog), bytes"
        case .applySeconds: "all cases from the village's disk to the town's, TLS and all, seconds"
        case .floorSeconds: "  the same rows inserted plainly in transactions of the same size, seconds"
        case .applyShare: "  speed as a share of that"
        case .intakeSeconds: "the same cases taken in at the village from a file, seconds"
        case .databaseBytes: "growth of the village's database, bytes"
        case .plainBytes: "  the plain tables, bytes"
        case .databaseShare: "  as a multiple of them"
        case .ownMemory: "private memory of the village that has served its pages, MiB"
        case .residentMemory: "resident memory of the village that has served its pages, MiB"
        case .startSeconds: "start until it serves, seconds"
        case .programSize: "the program on disk, MiB"
        }
    }
}
