import ServiceModel

/// Why a request was refused before the node was asked.
package enum APIProblem: CodedError, Hashable {
    /// Nothing answers at that path.
    case unknownPath(String)
    /// The path is there, and answers to other methods.
    case method(String, allowed: [String])
    /// The body is no JSON, or a part of it is missing or of the wrong kind.
    case malformed(Words)
    case unknownKey(String)
    /// The body is not said to be JSON.
    case notJSON
    case tooLarge
    case unknownParameter(String)
    /// A parameter has no value that it could have, or more than one.
    case parameter(String, Words)
    /// The request names another host than this machine's own.
    case foreignHost(String)
    /// A fault of the program.
    case failed

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .unknownPath: "api.unknownPath"
        case .method: "api.method"
        case .malformed: "api.malformed"
        case .unknownKey: "api.unknownKey"
        case .notJSON: "api.notJSON"
        case .tooLarge: "api.tooLarge"
        case .unknownParameter: "api.unknownParameter"
        case .parameter: "api.parameter"
        case .foreignHost: "api.foreignHost"
        case .failed: "api.failed"
        }
    }

    package var words: Words {
        switch self {
        case .unknownPath(let path):
            Words(
                "nothing answers to \(path): see \(APIRequest.root)/openapi.json",
                "\(path)没有内容：请看\(APIRequest.root)/openapi.json")
        case .method(let asked, let allowed):
            Words(
                "nothing answers to \(asked): this path takes \(allowed.joined(separator: ", "))",
                "不能\(asked)：此路径只接受\(allowed.joined(separator: "、"))")
        case .malformed(let why): Words("the body cannot be read: ", "正文无法读取：") + why
        case .unknownKey(let key):
            Words("the body has “\(key)”, which means nothing here: leave it out", "正文中的“\(key)”在此没有意义：请删去")
        case .notJSON:
            Words("send the body as Content-Type: application/json", "请以Content-Type: application/json发送正文")
        case .tooLarge:
            Words(
                "the body is longer than \(APIRequest.longestBody) bytes: split it",
                "正文超过\(APIRequest.longestBody)字节：请拆分")
        case .unknownParameter(let name):
            Words("there is no parameter “\(name)” here: leave it out", "此处没有参数“\(name)”：请删去")
        case .parameter(let name, let what): Words("\(name): ", "\(name)：") + what
        case .foreignHost(let host):
            Words(
                "“\(host)” is not this machine: call it localhost or by its loopback address",
                "“\(host)”不是本机：请用localhost或其环回地址")
        case .failed: Words("the node failed: its log says how", "节点出错：原因见其日志")
        }
    }
}
