/// A pattern that a whole value must fit, in a small part of the usual notation: characters, `.`, `\d`, `\` before a
/// sign, sets such as `[A-Z0-9]` and `[^一-龥]`, and the counts `?`, `*`, `+`, `{n}`, `{n,}`, `{n,m}`.
///
/// There are no groups and no alternatives, and matching takes at most `steps` × length: a published pattern cannot
/// stall a node.
package struct FormPattern: Hashable, Sendable {
    /// Most characters' places after counts are written out.
    package static let steps = 512

    private struct CharacterSet: Hashable, Sendable {
        var ranges: [ClosedRange<UInt32>]
        var negated = false

        static let any = CharacterSet(ranges: [], negated: true)
        static let digits = CharacterSet(ranges: [0x30...0x39])

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            ranges.contains { $0.contains(scalar.value) } != negated
        }
    }

    private struct Step: Hashable, Sendable {
        var set: CharacterSet
        var optional: Bool
        var repeats: Bool
    }

    private let steps: [Step]

    /// nil when the text is no such pattern or is too long.
    package init?(_ text: String) {
        var rest = Array(text.unicodeScalars)[...]
        guard rest.count <= CatalogLimits.patternCharacters else { return nil }
        var steps: [Step] = []
        while !rest.isEmpty {
            guard let set = Self.set(&rest), let count = Self.count(&rest) else { return nil }
            let copies = max(count.least, count.most ?? count.least)
            guard steps.count + copies + 1 <= Self.steps else { return nil }
            for index in 0..<copies { steps.append(Step(set: set, optional: index >= count.least, repeats: false)) }
            if count.most == nil { steps.append(Step(set: set, optional: true, repeats: true)) }
        }
        self.steps = steps
    }

    /// Whether all of `value` fits.
    package func matches(_ value: String) -> Bool {
        // The places reached so far; place n stands before step n.
        var places = reach([0])
        for scalar in value.unicodeScalars {
            var next: Set<Int> = []
            for place in places where place < steps.count && steps[place].set.contains(scalar) {
                next.insert(steps[place].repeats ? place : place + 1)
            }
            places = reach(next)
            if places.isEmpty { return false }
        }
        return places.contains(steps.count)
    }

    /// With the places that follow by leaving out what is optional.
    private func reach(_ places: Set<Int>) -> Set<Int> {
        var out = places
        for place in places {
            var at = place
            while at < steps.count, steps[at].optional, out.insert(at + 1).inserted { at += 1 }
        }
        return out
    }

    // MARK: - Reading

    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> CharacterSet? {
        guard let first = rest.popFirst() else { return nil }
        switch first {
        case ".": return .any
        case "\\": return escaped(&rest)
        case "[": return bracket(&rest)
        case "?", "*", "+", "{", "}", "(", ")", "|", "]", "^", "$": return nil
        default: return CharacterSet(ranges: [first.value...first.value])
        }
    }

    private static func escaped(_ rest: inout ArraySlice<Unicode.Scalar>) -> CharacterSet? {
        guard let sign = rest.popFirst() else { return nil }
        if sign == "d" { return .digits }
        guard sign.isASCII, !sign.properties.isAlphabetic, !("0"..."9").contains(sign) else { return nil }
        return CharacterSet(ranges: [sign.value...sign.value])
    }

    private static func bracket(_ rest: inout ArraySlice<Unicode.Scalar>) -> CharacterSet? {
        var set = CharacterSet(ranges: [])
        if rest.first == "^" {
            rest.removeFirst()
            set.negated = true
        }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "]": return set.ranges.isEmpty ? nil : set
            case "\\":
                guard let more = escaped(&rest) else { return nil }
                set.ranges += more.ranges
            case "[": return nil
            default:
                var range = scalar.value...scalar.value
                if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
                    guard end != "\\", end.value >= scalar.value else { return nil }
                    range = scalar.value...end.value
                    rest = rest.dropFirst(2)
                }
                set.ranges.append(range)
            }
        }
        return nil
    }

    private static func count(_ rest: inout ArraySlice<Unicode.Scalar>) -> (least: Int, most: Int?)? {
        switch rest.first {
        case "?": rest.removeFirst(); return (0, 1)
        case "*": rest.removeFirst(); return (0, nil)
        case "+": rest.removeFirst(); return (1, nil)
        case "{":
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let inside = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            let parts = inside.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let least = number(first) else { return nil }
            guard parts.count == 2 else { return least > 0 ? (least, least) : nil }
            if parts[1].isEmpty { return (least, nil) }
            guard let most = number(parts[1]), most >= least, most > 0 else { return nil }
            return (least, most)
        default: return (1, 1)
        }
    }

    private static func number(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
    }
}
