/// A language in which people are told what is wrong.
package enum Language: CaseIterable, Hashable, Sendable {
    case english
    case chinese

    /// From a language tag, the name of a locale or an `Accept-Language`; English for whatever does not begin Chinese.
    package init(tag: some StringProtocol) { self = tag.lowercased().hasPrefix("zh") ? .chinese : .english }
}
