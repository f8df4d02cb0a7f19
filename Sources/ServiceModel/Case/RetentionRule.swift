/// After how many months closed cases may leave the nodes of a tier, as the root's charter says: a policy for each
/// tier. Where none is set they never leave; at the root they never do.
package enum RetentionRule {
    /// Most months that a rule may say.
    package static let most = 1200
    /// The value that takes a rule back.
    package static let never = "never"

    /// The policy of a tier, 0 at the top.
    package static func policy(ofTier tier: Int) -> String { "retention.months.\(tier)" }

    /// - Returns: nil where closed cases stay.
    package static func months(ofTier tier: Int, _ view: CharterView) -> Int? {
        guard tier > 0, let months = view.policy(policy(ofTier: tier)).flatMap({ Int($0) }),
            (0...most).contains(months)
        else { return nil }
        return months
    }

    /// The last civil day of cases that may leave today.
    package static func lastDay(months: Int, today: Int32) -> Int32? {
        CivilDate(dayNumber: today)?.adding(months: -months)?.dayNumber
    }
}
