import Replica
import ServiceModel

/// Figures for programs: integers only.
package struct StatsOutput: Encodable {
    package struct Fraction: Encodable {
        package let numerator: Int
        package let denominator: Int
    }

    package struct Behind: Encodable {
        package let unit: String
        package let name: String
        /// Seconds since 1970, by the clock of the unit's parent; left out where nothing was ever heard.
        package let since: Int64?
    }

    package struct Basis: Encodable {
        /// Seconds since 1970: until when completeness was asked for.
        package let asked: Int64
        package let expected: Int
        package let complete: Int
        /// Up to when all expected units are complete; left out while one was never heard of.
        package let time: Int64?
        package let behind: [Behind]

        package init(_ frontier: Frontier) {
            asked = frontier.asked
            expected = frontier.units.count
            complete = frontier.complete
            time = frontier.time
            behind = frontier.behind.map { Behind(unit: $0.unit.text, name: $0.name, since: $0.time) }
        }
    }

    package struct Figures: Encodable {
        package let counts: [String: Int]
        package let rates: [String: Fraction]

        package init(_ tally: CaseTally) {
            counts = Dictionary(uniqueKeysWithValues: Measure.allCases.map { ($0.rawValue, tally[$0]) })
            rates = Dictionary(
                uniqueKeysWithValues: Rate.allCases.map { rate in
                    (rate.rawValue, Fraction(numerator: tally[rate].numerator, denominator: tally[rate].denominator))
                })
        }
    }

    package struct Group: Encodable {
        package let key: String
        package let label: String
        package let figures: Figures
        package let frontier: Basis
    }

    package let unit: String
    package let month: String?
    package let by: String?
    package let groups: [Group]
    package let total: Figures
    package let frontier: Basis

    package init(_ report: StatisticsReport, month: String?) {
        unit = report.query.unit.text
        self.month = month
        by = report.query.grouping?.rawValue
        groups =
            report.query.grouping == nil
            ? []
            : report.groups.map {
                Group(
                    key: $0.row.key, label: $0.row.label, figures: Figures($0.row.tally),
                    frontier: Basis($0.frontier))
            }
        total = Figures(report.total)
        frontier = Basis(report.frontier)
    }
}
