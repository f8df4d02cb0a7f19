import ServiceModel
import SyncNode

/// What the catalog's refusals say at a page.
enum CatalogWords {
    /// nil for what only a publisher meets.
    static func words(_ error: CatalogError, _ text: PageText) -> String? {
        switch error {
        case .unknown(let item): text("problem.unknownItem", item)
        case .retired(_, let from): text("problem.retired", CivilDay.text(from))
        case .notOffered(_, let day): text("problem.notOffered", CivilDay.text(day))
        case .notBelowOwner(_, let owner): text("problem.notBelowOwner", owner.text)
        default: nil
        }
    }

    /// How a case of an item would go: what hinders it here.
    static func words(_ error: CaseRouteError, _ text: PageText, _ topology: Topology) -> String {
        switch error {
        case .unknownUnit(let unit): text("route.unknownUnit", unit.text)
        case .notAccepted: text["route.notAccepted"]
        case .noDecider: text["route.noDecider"]
        }
    }
}

/// What is wrong with a value, beside its field.
enum FieldWords {
    static func words(_ problem: FieldProblem, _ text: PageText) -> String {
        let code = problem.code
        switch problem.reason {
        case .tooShort(let least): return text(code, "\(least)")
        case .tooLong(let most): return text(code, "\(most)")
        case .pattern(let help) where !help.isEmpty: return help
        case .citizen(let finding):
            switch finding {
            case .length(15): return text["citizen.length15"]
            case .length(let count): return text(code, "\(count)")
            case .character(let place): return text(code, "\(place)")
            case .check(let expected): return text(code, "\(expected)")
            case .province, .birthDate: return text[code]
            }
        case .credit(let finding):
            switch finding {
            case .length(let count): return text(code, "\(count)")
            case .character(let place), .division(let place): return text(code, "\(place)")
            case .organizationCheck(let expected), .check(let expected): return text(code, "\(expected)")
            }
        default: return text[code]
        }
    }
}
