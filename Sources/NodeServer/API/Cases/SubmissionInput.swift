import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// What an applicant hands in, as a file and a request say it. Everything but the item may be left out.
package struct SubmissionInput: JSONInput {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case item, fields, materials, certificates, day, actor, channel, onBehalf, deferredUntil
    }

    /// Code of the item.
    package var item: String
    package var fields: [String: String]?
    package var materials: [String]?
    /// Kinds of certificates that stand in for materials.
    package var certificates: [String]?
    package var day: String?
    package var actor: String?
    package var channel: String?
    package var onBehalf: String?
    /// Day by which the materials follow that may.
    package var deferredUntil: String?

    package static let known = Set(CodingKeys.allCases.map(\.rawValue))

    package static let schema = JSONSchema.object([
        .must("item", .text("code of the item")),
        .may("fields", .map(.text(""), "applicant.name, applicant.phone, …, and form.… by the item's form")),
        .may("materials", .list(.text("id by the item"), "what was handed in")),
        .may(
            "certificates",
            .list(.text("kind, as the item's materials name it in standIns"), "shown in place of materials")),
        .may(
            "day",
            .text("legal day of the paper receipt, yyyy-mm-dd; today when left out, unless the clock is in doubt")),
        .may("actor", .text("name of the clerk")),
        .may("channel", .choice(Channel.allCases.map(\.name), "counter when left out")),
        .may("onBehalf", .text("in whose name, when somebody acts for the applicant")),
        .may("deferredUntil", .text("day by which the materials follow that may, yyyy-mm-dd")),
    ])

    /// - Parameters:
    ///   - actor: where none is named.
    ///   - channel: where none is named.
    /// - Throws: `NodeError.badInput`, `CaseInputError`, `ClockError.dayNeeded`.
    package func submission(at node: Node, actor: String, channel: Channel, now: Moment) throws -> Submission {
        var submission = Submission(
            item: .code(item), fields: fields ?? [:], materials: Set(materials ?? []),
            day: try node.legalDay(day, now: now), actor: self.actor ?? actor)
        submission.certificates = Set(certificates ?? [])
        submission.deferredUntil = try deferredUntil.map { try CivilDay.parse($0, now: now) }
        submission.channel = try self.channel.map(Self.named) ?? channel
        submission.onBehalf = onBehalf ?? ""
        return submission
    }

    private static func named(_ name: String) throws(CaseInputError) -> Channel {
        guard let channel = Channel.allCases.first(where: { $0.name == name }) else { throw .unknownChannel(name) }
        return channel
    }
}
