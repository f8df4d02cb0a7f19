import ArgumentParser

/// `terrace case`.
struct CaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case",
        abstract: "Accept cases, act on them, look at them.",
        subcommands: [
            CaseAcceptCommand.self, CaseImportCommand.self, CaseShowCommand.self, CaseListCommand.self,
            CaseSearchCommand.self, CaseFetchCommand.self, CaseRestingCommand.self,
            CaseCorrectCommand.self, CaseSupplementCommand.self,
            CaseForwardCommand.self, CaseTakeOverCommand.self, CaseRerouteCommand.self, CaseDecideCommand.self,
            CaseDeliverCommand.self, CaseWithdrawCommand.self, CaseCancelCommand.self, CaseEvaluateCommand.self,
            CaseAmendCommand.self, CaseNoteCommand.self,
            CaseSettleCommand.self, CaseAnswerCommand.self,
        ])
}
