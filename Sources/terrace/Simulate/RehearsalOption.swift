import ArgumentParser
import ServiceModel
import Simulator

/// `--rehearse "2 10:00 move 371122 371103"`: the day of the run, the time, what, and about whom.
struct RehearsalOption {
    let text: String
    let rehearsal: Rehearsal

    /// Longer than the longest run.
    private static let mostHours = 24 * 36_525

    /// - Throws: `ValidationError`.
    init(typed argument: String) throws {
        let words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 4, let day = Int(words[0]), (1...36_525).contains(day),
            let minute = Self.minute(words[1]), let deed = Self.deed(words[2], Array(words[3...]))
        else {
            let deeds = [
                "outage UNIT HOURS", "blackout UNIT HOURS", "move UNIT PARENT", "merge UNIT SUCCESSOR", "upgrade UNIT",
            ]
            let form = "DAY HH:MM " + deeds.joined(separator: " | ")
            throw ValidationError(
                Words("--rehearse takes \(form), and not: \(argument)", "--rehearse 的格式为 \(form)，而非：\(argument)"))
        }
        text = argument
        rehearsal = Rehearsal(minutes: (day - 1) * 1440 + minute, deed)
    }

    private static func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    private static func deed(_ what: String, _ words: [String]) -> Rehearsal.Deed? {
        let hours = words.last.flatMap { Int($0) }.flatMap { (1...mostHours).contains($0) ? $0 : nil }
        return switch (what, words.count, hours) {
        case ("outage", 2, let hours?): .outage(words[0], hours: hours)
        case ("blackout", 2, let hours?): .blackout(words[0], hours: hours)
        case ("move", 2, _): .move(words[0], under: words[1])
        case ("merge", 2, _): .merge(words[0], into: words[1])
        case ("upgrade", 1, _): .upgrade(words[0])
        default: nil
        }
    }
}
