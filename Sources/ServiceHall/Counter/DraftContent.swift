import Foundation
import Replica
import ServiceModel
import SyncNode

/// What the page of a draft has typed into it, as it is kept and as it is posted.
struct DraftContent: Codable, Hashable {
    /// The fields of the applicant and of the item's form, by the names that a case keeps.
    var values: [String: String] = [:]
    /// Ids of the materials that are ticked.
    var materials: [String] = []
    /// Kinds of the certificates that were shown in place of materials.
    var certificates: [String] = []
    /// Legal day of the paper receipt; empty is the day on which it is accepted, where the clock can say it.
    var day = ""
    /// Day by which the materials follow that may.
    var until = ""
    var onBehalf = ""
    /// Name of the clerk.
    var actor = ""

    static let actorField = "actor"
    static let dayField = "day"
    static let untilField = "until"
    static let onBehalfField = "onBehalf"
    static let materialField = "material"
    static let certificateField = "certificate"
    /// The day that the page filled in by itself.
    static let todayField = "today"

    init() {}

    /// As a draft keeps it; empty where it cannot be read.
    init(kept text: String) { self = (try? JSONDecoder().decode(Self.self, from: Data(text.utf8))) ?? Self() }

    init(_ form: PageForm) {
        for prefix in ["applicant.", CaseField.form] {
            for (name, value) in form.under(prefix) where !value.isEmpty { values[prefix + name] = value }
        }
        materials = form.all(Self.materialField).sorted()
        certificates = form.all(Self.certificateField).sorted()
        let day = form.text(Self.dayField)
        self.day = day == form.text(Self.todayField) ? "" : day
        until = form.text(Self.untilField)
        onBehalf = form.text(Self.onBehalfField)
        actor = form.text(Self.actorField)
    }

    /// To be kept: equal content is equal text.
    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// The submission, and what is wrong with what does not belong to the item.
    func submission(of item: String, clock: ClockStanding) -> (Submission, [FieldProblem]) {
        var problems: [FieldProblem] = []
        func day(_ text: String, _ field: String) -> Int32? {
            guard !text.isEmpty else { return nil }
            guard let date = CivilDate(text) else {
                problems.append(FieldProblem(name: field, label: field, reason: .notADate))
                return nil
            }
            return date.dayNumber
        }
        func name(_ text: String, _ field: String) {
            guard text.utf8.count > PageLimits.clerkBytes else { return }
            // A Chinese character has three bytes.
            let most = UInt32(PageLimits.clerkBytes / 3)
            problems.append(FieldProblem(name: field, label: field, reason: .tooLong(most: most)))
        }
        var submission = Submission(
            item: .code(item), fields: values, materials: Set(materials),
            day: day(self.day, Self.dayField) ?? clock.presumedDay, actor: actor)
        submission.certificates = Set(certificates)
        submission.deferredUntil = day(until, Self.untilField)
        submission.onBehalf = onBehalf
        if self.day.isEmpty, clock.needsDay {
            problems.append(FieldProblem(name: Self.dayField, label: Self.dayField, reason: .missing))
        }
        if actor.isEmpty {
            problems.append(FieldProblem(name: Self.actorField, label: Self.actorField, reason: .missing))
        }
        name(actor, Self.actorField)
        name(onBehalf, Self.onBehalfField)
        return (submission, problems)
    }
}
