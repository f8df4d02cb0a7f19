import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Whatever happens in whatever order: the city has everything, neighbours hold the same, figures are the same.
@Suite struct RetentionProperty {
    private static let seeds: [UInt64] = [3, 17, 40]
    private static let steps = 80

    @Test(arguments: seeds) func nothingIsLostWhateverLeaves(seed: UInt64) throws {
        let network = try Network.forgetful(Network.line + [Network.neighbour], seed: seed)
        var random = SeededGenerator(state: seed)
        var cases: [CaseReference] = []
        var left = 0
        let below = [Network.village, Network.neighbour, Network.town, Network.county]
        for step in 0..<Self.steps {
            let name = below.randomElement(using: &random) ?? Network.town
            switch Int.random(in: 0..<12, using: &random) {
            case 0...2:
                let village = Bool.random(using: &random) ? Network.village : Network.neighbour
                cases.append(try network.closedCase(step, at: village))
            case 3: cases.append(try network.accept(at: Network.village, number: step, route: [Network.county]))
            case 4: try network.backUpElsewhere(name)
            case 5: try network.backUpAll()
            case 6...7:
                left += try [name, Network.town].reduce(0) { try $0 + network.retire(at: $1).retired }
            case 8: _ = try network.exchange(name, mode: Bool.random(using: &random) ? .repairs : .usual)
            case 9: try network.settle(rounds: 1)
            case 10:
                guard let one = cases.randomElement(using: &random) else { continue }
                // Where the case is not, nobody writes.
                let place = Bool.random(using: &random) ? Network.county : Network.city
                _ = try? network.act(
                    .note, at: place, on: one.creation, fields: [CaseField.note + "\(step)": "备注\(step)"])
            default:
                guard let one = cases.randomElement(using: &random) else { continue }
                try? network[name].fetchCase(typed: one.receipt, now: network.now)
            }
        }
        for _ in 0..<4 {
            for name in network.names where name != network.root { try network.exchange(name, mode: .repairs) }
        }
        try network.settle(rounds: 2)
        print("retention, seed \(seed): \(cases.count) cases, \(left) times one has left")
        #expect(left > 0, "seed \(seed)")
        for one in cases {
            let phase = try network[Network.city].replica.read { try $0.serviceCase(receipt: one.receipt)?.phase }
            #expect(phase != nil, "seed \(seed) \(one.receipt)")
        }
        for unit in [Network.village, Network.neighbour] {
            let names = [Network.city, Network.county, Network.town, unit]
            #expect(try network.fingerprints(of: unit, at: names).count == 1, "seed \(seed) \(unit)")
        }
        let figures = try network.figures(at: Network.city)
        for name in [Network.county, Network.town, Network.village] {
            #expect(try network.figures(at: name) == figures, "seed \(seed) \(name)")
        }
        for name in below {
            let report = try network.prove(name)
            #expect(report.isProven, "seed \(seed) \(name) \(report)")
            try network.expectSound(name)
        }
    }
}
