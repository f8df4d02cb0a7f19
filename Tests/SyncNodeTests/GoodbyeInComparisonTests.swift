import Foundation
import Replica
import ServiceModel
import Simulator
import SyncNode
import Testing

/// A comparison takes several rounds, and the child may have to leave in the middle of it: for its parent that is back,
/// for the end of the line's hours, for a charter that has moved it.
@Suite struct GoodbyeInComparisonTests {
    @Test func theChildMayLeaveAtAnyStep() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        for number in 0..<4 { try network.accept(at: Network.town, number: number) }
        for steps in 0..<24 {
            let line = try SimulatedLine(network, from: Network.town, mode: .repairs)
            for step in 0..<steps {
                switch step % 4 {
                case 0: try line.workBelow()
                case 1: try line.carryUp()
                case 2: try line.workAbove()
                default: try line.carryDown()
                }
            }
            line.end()
            try line.run()
            #expect(line.isFinished, "after \(steps) steps")
        }
        try network.settle(rounds: 2)
        #expect(try network[Network.city].replica.read { try $0.caseCounts().all } == 4)
    }

    /// A machine that the parent had before was compared with, and then the clock here was set back.
    @Test func aClockThatWasSetBackDoesNotMakeItCompareWithoutEnd() throws {
        let network = try Network([Network.city, Network.county])
        let county = network[Network.county]
        func compared(_ node: UInt32, at time: Int64) throws {
            try county.replica.write {
                try $0.keep(
                    ComparisonOutcome(
                        unit: UnitCode(Network.city)!, node: node, time: time, lackingThere: 0, lackingHere: 0,
                        isSent: true))
            }
        }
        let now = network.now
        let before = Moment(seconds: now.seconds - 800_000_000, day: now.day - 9000)
        try compared(1, at: now.seconds)
        #expect(try county.linkMode(now: before).mode == .repairs)
        try compared(2, at: before.seconds)
        #expect(try county.linkMode(now: before).mode == .usual)
    }
}
