/// The table of actions by which the oracle judges (PROTOCOL 11), written down a second time.
struct OracleRules {
    enum Effect {
        case create, keep, write, settle, answer, reroute, handOver, takeOver
    }

    struct Action {
        var effect: Effect
        /// Phases in which it is legal; empty is any.
        var from: Set<String> = []
        var to: String?
        var lowestTier: Int?
        var byCreator = false
        var byRoute = false
        var decisive = false
        var once = false

        func allows(_ phase: String?) -> Bool { from.isEmpty || phase.map(from.contains) ?? false }

        fileprivate func but(_ change: (inout Self) -> Void) -> Self {
            var out = self
            change(&out)
            return out
        }
    }

    var actions: [UInt32: Action]
    /// Fields, by their name before the first dot, where the lower unit wins.
    var counterFields: Set<String>

    func without(_ kinds: Set<UInt32>) -> OracleRules {
        OracleRules(actions: actions.filter { !kinds.contains($0.key) }, counterFields: counterFields)
    }

    static let version1 = OracleRules(
        actions: [
            1: Action(effect: .create, to: "accepted"),
            3: Action(effect: .keep, from: ["accepted"], to: "correcting"),
            4: Action(effect: .keep, from: ["correcting"], to: "accepted"),
            8: Action(effect: .handOver, from: ["accepted", "correcting", "decided"]),
            9: Action(effect: .takeOver, from: ["accepted", "correcting", "decided"]),
            10: Action(effect: .keep, from: ["accepted"], to: "decided").but {
                $0.byRoute = true
                $0.decisive = true
            },
            12: Action(effect: .keep, from: ["decided"], to: "delivered"),
            14: Action(effect: .keep, from: ["accepted", "correcting"], to: "withdrawn"),
            15: Action(effect: .keep, from: ["accepted", "correcting"], to: "cancelled").but { $0.byCreator = true },
            17: Action(effect: .settle), 18: Action(effect: .answer), 19: Action(effect: .reroute),
            20: Action(effect: .write), 21: Action(effect: .write),
            22: Action(effect: .write).but { $0.once = true },
        ], counterFields: ["applicant"])
}
