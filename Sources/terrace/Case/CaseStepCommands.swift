import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import ServiceModel
import SyncNode

struct CaseCorrectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Ask for what is missing, all of it at once; the clock stops until it is there.",
        discussion: """
            Example:
              terrace case correct RECEIPT --missing 身份证复印件 --missing 健康证明
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Something that is missing; once for each.")
    var missing: [String]

    func run() throws { try on.act(.correct) { $0.missing = missing } }
}

struct CaseSupplementCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supplement",
        abstract: "Take in what was missing.",
        discussion: """
            Example:
              terrace case supplement RECEIPT --field form.site=滨湖市某村3号
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: ArgumentHelp("What was handed in; once for each.", valueName: "name=value"))
    var field: [String] = []

    func run() throws { try on.act(.supplement) { $0.fields = try FieldArguments.parse(field) } }
}

struct CaseForwardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward",
        abstract: "Hand the case over to another unit, which then holds it.",
        discussion: """
            Example:
              terrace case forward RECEIPT --to 379902
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Code of the unit.")
    var to: String

    func run() throws {
        guard let unit = UnitCode(to) else { throw NodeError.unknownUnit(to) }
        try on.act(.forward) { $0.target = unit }
    }
}

struct CaseTakeOverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take-over",
        abstract: "Take a case out of the hands of a unit below, which cannot go on with it.",
        discussion: """
            What that unit has done meanwhile and is not known here comes to nothing by itself: when it arrives, it
            waits for this unit as a proposal. Hand the case on with `case forward`. Example:
              terrace case take-over RECEIPT --text 该服务点停办
            """)

    @OptionGroup var on: CaseOptions

    @Flag(help: "Nothing more is expected of that unit's machine.")
    var presumedLost = false

    @Option(help: "Reason.")
    var text = ""

    func run() throws {
        try on.act(.takeOver) {
            $0.presumedLost = presumedLost
            $0.text = text
        }
    }
}

struct CaseRerouteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reroute",
        abstract: "Let one more unit below this one see a case; who holds it stays.",
        discussion: """
            For a unit above both, or the holder itself. Who is to act on the case gets it by `case forward`. Example:
              terrace case reroute RECEIPT --to 379902100
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Code of the unit.")
    var to: String

    func run() throws {
        guard let unit = UnitCode(to) else { throw NodeError.unknownUnit(to) }
        try on.act(.reroute) { $0.target = unit }
    }
}

struct CaseDecideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide",
        abstract: "Grant or refuse.",
        discussion: """
            Example:
              terrace case decide RECEIPT refused --text 场所不符合条件
            """)

    @OptionGroup var on: CaseOptions

    @Argument(help: "granted or refused.")
    var outcome: String

    @Option(help: "Reason, as the citizen will read it.")
    var text = ""

    func run() throws {
        guard let outcome = Outcome(rawValue: outcome) else { throw CaseInputError.unknownOutcome(outcome) }
        try on.act(.decide) {
            $0.fields = [CaseField.decision: outcome.rawValue]
            $0.text = text
        }
    }
}

struct CaseDeliverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver",
        abstract: "Hand the result over to the citizen.",
        discussion: """
            Example:
              terrace case deliver RECEIPT --actor c01
            """)

    @OptionGroup var on: CaseOptions

    func run() throws { try on.act(.deliver) }
}

struct CaseWithdrawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take the application back; a request where the case is held elsewhere.",
        discussion: """
            Example:
              terrace case withdraw RECEIPT --text 申请人撤回
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Reason.")
    var text = ""

    func run() throws { try on.act(.withdraw) { $0.text = text } }
}

struct CaseCancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Undo a mistaken acceptance; the trace of it stays.",
        discussion: """
            Example:
              terrace case cancel RECEIPT --text 误受理
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Reason.")
    var text: String

    func run() throws { try on.act(.cancel) { $0.text = text } }
}

struct CaseEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Record the citizen's judgement, once for each case.",
        discussion: """
            Levels: \(Satisfaction.allCases.map(\.rawValue).joined(separator: ", ")). A bad one needs a reason. Example:
              terrace case evaluate RECEIPT 非常满意
            """)

    @OptionGroup var on: CaseOptions

    @Argument(help: "One of the five levels, by its Chinese name.")
    var level: String

    @Option(help: "Reason.")
    var text = ""

    func run() throws {
        guard let level = Satisfaction(rawValue: level) else { throw CaseInputError.unknownLevel(level) }
        try on.act(.evaluate) {
            $0.fields = [CaseField.evaluation: level.rawValue]
            $0.text = text
            if !text.isEmpty { $0.fields[CaseField.evaluationReason] = text }
        }
    }
}

struct CaseAmendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amend",
        abstract: "Change fields; everybody who sees the case may.",
        discussion: """
            Example:
              terrace case amend RECEIPT --field applicant.phone=13900001001
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: ArgumentHelp("Once for each field.", valueName: "name=value"))
    var field: [String]

    func run() throws { try on.act(.amend) { $0.fields = try FieldArguments.parse(field) } }
}

struct CaseNoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Add a note to the trace.",
        discussion: """
            Example:
              terrace case note RECEIPT 已电话告知申请人
            """)

    @OptionGroup var on: CaseOptions

    @Argument(help: "What is to be remembered.")
    var text: String

    func run() throws { try on.act(.note) { $0.text = text } }
}

struct CaseSettleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "End a conflict by saying what the field is to be.",
        discussion: """
            Example:
              terrace case settle RECEIPT --field applicant.phone=13900001001
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: ArgumentHelp("Once for each field in conflict.", valueName: "name=value"))
    var field: [String]

    func run() throws { try on.act(.settle) { $0.fields = try FieldArguments.parse(field) } }
}

struct CaseAnswerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Admit or decline requests and proposals; `case show` gives their names.",
        discussion: """
            Example:
              terrace case answer RECEIPT --admit NAME --text 同意撤回
            """)

    @OptionGroup var on: CaseOptions

    @Option(help: "Name of a request to admit; once for each, in the order in which they act.")
    var admit: [String] = []

    @Option(help: "Name of a request to decline; once for each.")
    var decline: [String] = []

    @Option(help: "Reason.")
    var text = ""

    func run() throws {
        func leaf(_ text: String) throws -> Leaf {
            guard let value = Bytes16(hex: text) else {
                throw NodeError.badInput(text, wanted: Words("a name from the trace", "轨迹中的名称"))
            }
            return Leaf(value)
        }
        try on.act(.answer) {
            $0.admits = try admit.map(leaf)
            $0.declines = try decline.map(leaf)
            $0.text = text
        }
    }
}
