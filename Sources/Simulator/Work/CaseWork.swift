import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// What people at the counters do, in short.
extension SimulatedNetwork {
    /// Accepts a case of a made-up citizen.
    /// - Parameter route: the units after the accepting one.
    @discardableResult
    package func accept(at name: String, number: Int = 1, route: [String] = []) throws -> CaseReference {
        try accept(.usual, at: name, number: number, route: route)
    }

    /// Accepts a case of another one.
    func accept(_ matter: Matter, at name: String, number: Int, route: [String]) throws -> CaseReference {
        var acceptance = Acceptance(
            promise: matter.promise,
            route: ([name] + route).compactMap { UnitCode($0) },
            fields: [
                CaseField.applicantName: "王\(number)", CaseField.applicantPhone: "1390000\(1000 + number)",
                CaseField.applicantID: "37160219900101\(1000 + number)",
            ], day: now.day, actor: "c01")
        acceptance.channel = matter.channel
        return try node(name).accept(acceptance, now: time(at: name))
    }

    @discardableResult
    package func act(
        _ action: CaseAction, at name: String, on place: Place, target: String? = nil, fields: [String: String] = [:],
        change: (inout CaseStep) -> Void = { _ in }
    ) throws -> Verdict {
        var step = CaseStep(action, day: now.day, actor: "c02")
        step.target = target.flatMap { UnitCode($0) }
        step.fields = fields
        change(&step)
        return try take(step, at: name, on: place)
    }

    /// Does a step at a node on the case that was created there.
    @discardableResult
    package func take(_ step: CaseStep, at name: String, on place: Place) throws -> Verdict {
        let node = try self.node(name)
        guard let record = try node.replica.read({ try $0.record(created: place) }) else {
            throw NodeError.unknownCase("\(place.author)/\(place.sequence)")
        }
        return try node.act(step, on: record, now: time(at: name))
    }

    /// How a node names each case of a unit.
    package func casePrints(of unit: String, at name: String) throws -> [Place: Digest32] {
        guard let code = UnitCode(unit) else { return [:] }
        let prints = try node(name).replica.read { try $0.casePrints(of: code) }
        return Dictionary(prints.map { ($0.creation, $0.digest) }) { one, _ in one }
    }

    /// The different fingerprints that these nodes have of a unit's cases.
    package func fingerprints(of unit: String, at names: [String]) throws -> Set<String> {
        guard let code = UnitCode(unit) else { return [] }
        return Set(
            try names.map { name in
                try node(name).replica.read { try $0.fingerprint(of: code) }.digest.description
            })
    }
}
