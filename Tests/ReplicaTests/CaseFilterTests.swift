import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// What lists and searches of cases are narrowed by.
@Suite struct CaseFilterTests {
    private func names(_ node: Town.Node, _ filter: CaseFilter) throws -> [[String]] {
        try node.replica.read { transaction in
            [
                try transaction.serviceCases(filter, limit: 9).map(\.applicant),
                try transaction.serviceCases(matching: SearchQuery("临时"), filter, limit: 9).map(\.applicant),
            ]
        }
    }

    @Test func whoAcceptedIt() throws {
        let town = try Town(["C", "K", "T"])
        try town["K"].accept("孙一", number: 1)
        let raised = try town["T"].accept("孙二", route: ["T", "K"], number: 2)
        try town["T"].act(.forward, on: raised, target: "K")
        try town["T"].accept("孙三", number: 3)
        try town.settle()
        // However custody goes on.
        #expect(try names(town["K"], CaseFilter(acceptedBy: "T")) == [["孙三", "孙二"], ["孙三", "孙二"]])
        #expect(try names(town["K"], CaseFilter(acceptedBy: "K")) == [["孙一"], ["孙一"]])
        #expect(try names(town["K"], CaseFilter(holder: "K", acceptedBy: "T")) == [["孙二"], ["孙二"]])
        #expect(try names(town["K"], CaseFilter(acceptedBy: "C")) == [[], []])
    }

    @Test func whatTheParentHasNotConfirmed() throws {
        let town = try Town(["C", "K", "T"])
        let (county, below) = (town["K"], town["T"])
        func waiting() throws -> (count: Int, names: [[String]]) {
            let unsent = try county.replica.read { transaction in
                let city = try transaction.peer(unit: UnitCode("C")!, node: 1, incarnation: 1)
                return try transaction.unsent(toward: city.map { [$0] } ?? [])
            }
            var filter = CaseFilter()
            filter.unsent = unsent
            let (all, marked) = try county.replica.read { transaction in
                let all = try transaction.serviceCases(limit: 9)
                return (all, try transaction.records(all.map(\.record), with: unsent))
            }
            let names = try names(county, filter)
            #expect(all.filter { marked.contains($0.record) }.map(\.applicant) == names[0])
            return (try county.replica.read { try $0.figures(unsent).changeSets }, names)
        }
        let one = try county.accept("孙一", number: 1)
        try below.accept("孙二", number: 2)
        #expect(try waiting().names == [["孙一"], ["孙一"]])
        try town.exchange("K", "T", times: 2)
        #expect(try waiting() == (2, [["孙二", "孙一"], ["孙二", "孙一"]]))
        try town.exchange("C", "K", times: 2)
        #expect(try waiting() == (0, [[], []]))
        // What the parent itself has done does not wait for it, what is done here afterwards does.
        try town["C"].act(.note, on: one, writes: ["note.a": "市里"])
        try town.exchange("C", "K", times: 2)
        #expect(try waiting() == (0, [[], []]))
        try county.act(.note, on: one, writes: ["note.b": "县里"])
        try county.act(.note, on: one, writes: ["note.c": "县里"])
        #expect(try waiting() == (2, [["孙一"], ["孙一"]]))
        // The root has no parent, and a node that never met one has everything before it.
        var filter = CaseFilter()
        filter.unsent = .nothing
        #expect(try names(county, filter) == [[], []])
        filter.unsent = try county.replica.read { try $0.unsent(toward: []) }
        #expect(try names(county, filter) == [["孙二", "孙一"], ["孙二", "孙一"]])
    }
}
