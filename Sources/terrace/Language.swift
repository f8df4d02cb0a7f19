import ArgumentParser
import Foundation
import ServiceModel

extension Language {
    /// The language of the person at the terminal, from the environment.
    package static var current: Language {
        let environment = ProcessInfo.processInfo.environment
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return Language(tag: name)
    }
}

extension ValidationError {
    /// What is wrong with the words of a command, in the language of who typed them.
    init(_ words: Words) { self.init(words[.current]) }
}
