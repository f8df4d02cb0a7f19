import ServiceModel

/// How an error reads, to a person in their language.
package enum ErrorText {
    /// The code and the words.
    package static func text(_ error: any CodedError, in language: Language) -> String {
        "\(error.code): \(words(error, in: language))"
    }

    /// Without the code.
    package static func words(_ error: any CodedError, in language: Language) -> String { error.words[language] }
}
