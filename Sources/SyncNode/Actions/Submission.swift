import ChangeSet
import Foundation
import Replica
import ServiceModel

/// What an applicant hands in at a counter for an item.
package struct Submission: Sendable {
    package var item: CatalogReference
    /// By the names that the case will keep: those of `ApplicantForm`, `form.` and a field of the item's form, and
    /// notes.
    package var fields: [String: String]
    /// Ids of the materials that were handed in.
    package var materials: Set<String>
    /// Kinds of valid certificates of the applicant that may stand in for materials.
    package var certificates: Set<String> = []
    /// Civil day by which the materials follow that may; nil when none was agreed on.
    package var deferredUntil: Int32?
    /// Legal day of the paper receipt.
    package var day: Int32
    package var actor: String
    package var channel: Channel = .counter
    package var onBehalf = ""

    package init(
        item: CatalogReference, fields: [String: String], materials: Set<String> = [], day: Int32, actor: String
    ) {
        self.item = item
        self.fields = fields
        self.materials = materials
        self.day = day
        self.actor = actor
    }
}

/// What comes out when a submission is held against the item.
package struct SubmissionCheck: Sendable {
    package let offer: CatalogOffer
    package let route: CaseRoute
    /// Everything there is to say, warnings too.
    package let problems: [FieldProblem]
    /// What keeps the case from being accepted.
    package let obstacles: [FieldProblem]
    /// As the case keeps them.
    package let fields: [String: String]
}

extension Node {
    /// Holds a submission against the item as this unit offers it on the day.
    /// - Throws: `CatalogError`, `CaseRouteError`, `ReplicaError`.
    package func check(_ submission: Submission) throws -> SubmissionCheck {
        let (offer, topology) = try replica.read { transaction -> (CatalogOffer, Topology) in
            let found = try find(submission.item, on: submission.day, transaction)
            return (
                try self.offer(found, on: submission.day, transaction), transaction.charter.current.topology
            )
        }
        let item = offer.item
        if let from = offer.line.retirement?.from, from <= submission.day {
            throw CatalogError.retired(item: item.code, from: from)
        }
        guard offer.line.isOffered(on: submission.day) else {
            throw CatalogError.notOffered(item: item.code, day: submission.day)
        }
        let route = try CaseRoute(of: item, from: name.unit, in: topology)
        let filled = FilledForm(submission, for: item)
        let problems: [FieldProblem] = filled.problems
        // What may follow must have a day by which it does.
        let isAgreed = submission.deferredUntil.map { $0 >= submission.day && CivilDate(dayNumber: $0) != nil } ?? false
        let obstacles = problems.filter { problem in
            switch problem.reason {
            case .deferredMaterial: !isAgreed
            default: problem.severity == .error
            }
        }
        return SubmissionCheck(
            offer: offer, route: route, problems: problems, obstacles: obstacles, fields: filled.fields)
    }

    /// The acceptance of a submission: the item as this unit offers it, its route, what was promised. What is
    /// missing is named all at once.
    /// - Throws: `CatalogError`, `CaseRouteError`, `ReplicaError`.
    package func acceptance(_ submission: Submission) throws -> Acceptance {
        let check = try check(submission)
        guard check.obstacles.isEmpty else { throw CatalogError.incomplete(check.obstacles) }
        var acceptance = Acceptance(
            promise: check.offer.item.promise, route: check.route.units, fields: check.fields, day: submission.day,
            actor: submission.actor)
        acceptance.channel = submission.channel
        acceptance.onBehalf = submission.onBehalf
        return acceptance
    }
}

/// A submission's fields in the form in which a case keeps them, with what is wrong with them.
private struct FilledForm {
    private(set) var fields: [String: String] = [:]
    private(set) var problems: [FieldProblem] = []

    init(_ submission: Submission, for item: CatalogItem) {
        var typed: [String: String] = [:]
        var unknown: [FieldProblem] = []
        let known = Set(ApplicantForm.fields.map(\.name))
        for (name, value) in submission.fields.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(CaseField.form) {
                typed[String(name.dropFirst(CaseField.form.count))] = value
            } else if name.hasPrefix(CaseField.note) {
                fields[name] = value
            } else if !known.contains(name) {
                unknown.append(FieldProblem(name: name, label: name, reason: .unknownField))
            }
        }
        let applicant = ApplicantForm.check(submission.fields)
        fields.merge(applicant.values) { $1 }
        let form = FormCheck(item)
        let values = form.canonical(typed)
        for (name, value) in values { fields[CaseField.form + name] = value }
        for material in item.materials {
            fields[CaseField.material + material.id] = Self.status(of: material, in: submission)?.text
        }
        problems = applicant.problems
        problems += form.check(values: values, materials: submission.materials, certificates: submission.certificates)
        problems += unknown
    }

    /// How a material stands that is there or will follow.
    private static func status(of material: ItemMaterial, in submission: Submission) -> MaterialStatus? {
        if submission.materials.contains(material.id) { return .handedIn }
        if let kind = material.standIns.first(where: submission.certificates.contains) { return .certificate(kind) }
        guard material.need == .deferrable else { return nil }
        return submission.deferredUntil.flatMap { CivilDate(dayNumber: $0) }.map { .deferred(until: $0) }
    }
}
