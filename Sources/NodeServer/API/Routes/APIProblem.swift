import ServiceModel

/// Why a request was refused before the node was asked.
package enum APIProblem: CodedError, Hashable, CustomStringConvertible {
    /// Nothing answers to that method at that path.
    case unknownPath(String)
    /// The body is no JSON, or a part of it is missing or of the wrong kind.
    case malformed(String)
    case unknownKey(String)
    /// The body is not said to be JSON.
    case notJSON
    case tooLarge
    case unknownParameter(String)
    /// A parameter has no value that it could have, or more than one.
    case parameter(String, String)
    /// The request names another host than this machine's own.
    case foreignHost(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .unknownPath: "api.unknownPath"
        case .malformed: "api.malformed"
        case .unknownKey: "api.unknownKey"
        case .notJSON: "api.notJSON"
        case .tooLarge: "api.tooLarge"
        case .unknownParameter: "api.unknownParameter"
        case .parameter: "api.parameter"
        case .foreignHost: "api.foreignHost"
        }
    }

    package var description: String {
        switch self {
        case .unknownPath(let path): "nothing answers to \(path): see \(APIRequest.root)/openapi.json"
        case .malformed(let why): "the body cannot be read: \(why)"
        case .unknownKey(let key): "the body has “\(key)”, which means nothing here: leave it out"
        case .notJSON: "send the body as Content-Type: application/json"
        case .tooLarge: "the body is longer than \(APIRequest.longestBody) bytes: split it"
        case .unknownParameter(let name): "there is no parameter “\(name)” here: leave it out"
        case .parameter(let name, let what): "\(name): \(what)"
        case .foreignHost(let host): "“\(host)” is not this machine: call it localhost or by its loopback address"
        }
    }
}
