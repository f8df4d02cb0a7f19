import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace case accept`.
struct CaseAcceptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Accept a case and print its receipt number. No network is needed.",
        discussion: """
            What is missing is said all at once, and nothing is accepted. `catalog show` lists the fields of the form
            (as form.NAME here), the materials, and under standIns the kinds of certificate that may be shown in
            place of each. Example:
              terrace case accept --item CODE --field applicant.name=王小明 --field form.reason=大病 --material idCard
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Code of the catalog item.")
    var item: String

    @Option(help: ArgumentHelp("A field of the form; once for each.", valueName: "name=value"))
    var field: [String] = []

    @Option(help: "A material that was handed in; once for each.")
    var material: [String] = []

    @Option(
        help: ArgumentHelp("A certificate that was shown in place of a material; once for each.", valueName: "kind"))
    var certificate: [String] = []

    @Option(help: ArgumentHelp("Day by which the materials follow that may.", valueName: "yyyy-mm-dd"))
    var deferredUntil: String?

    @Option(help: "Name of the clerk.")
    var actor = "cli"

    @Option(help: "In whose name, when somebody acts for the applicant.")
    var onBehalf = ""

    @Option(
        help: ArgumentHelp(
            "Day of the paper receipt; today when left out, unless the clock is in doubt.", valueName: "yyyy-mm-dd"))
    var day: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let node = try node.open()
        let now = SystemClock.now()
        var submission = Submission(
            item: .code(item), fields: try FieldArguments.parse(field), materials: Set(material),
            day: try node.legalDay(day, now: now), actor: actor)
        submission.certificates = Set(certificate)
        submission.deferredUntil = try deferredUntil.map { try CivilDay.parse($0, now: now) }
        submission.onBehalf = onBehalf
        let reference = try node.accept(try node.acceptance(submission), now: now)
        switch format {
        case .table: print(reference.receipt)
        case .json: try AcceptanceOutput(receipt: reference.receipt).printJSON()
        }
    }
}
