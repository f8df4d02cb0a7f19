import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Asks the hall over a loopback socket, one connection for each request.
struct HallClient: Sendable {
    struct Answer {
        let status: Int
        /// Names in small letters.
        let headers: [String: String]
        let json: Any

        var object: [String: Any] { json as? [String: Any] ?? [:] }
        var list: [[String: Any]] { json as? [[String: Any]] ?? [] }
        var code: String { object["code"] as? String ?? "" }
    }

    struct Broken: Error {
        let what: String
    }

    let port: Int

    /// - Parameter path: below the root of the API, as it goes over the line.
    func get(_ path: String, host: String? = nil, language: String? = nil) async throws -> Answer {
        try await ask("GET", path, headers: language.map { ["Accept-Language": $0] } ?? [:], host: host)
    }

    func post(_ path: String, _ body: [String: Any]) async throws -> Answer {
        try await post(path, raw: try JSONSerialization.data(withJSONObject: body))
    }

    func post(_ path: String, raw body: Data, type: String? = "application/json") async throws -> Answer {
        try await ask("POST", path, headers: type.map { ["Content-Type": $0] } ?? [:], body: body)
    }

    func ask(
        _ method: String, _ path: String, headers: [String: String] = [:], body: Data = Data(), host: String? = nil
    ) async throws -> Answer {
        let parts = try await raw(method, "/api/v1/\(path)", headers: headers, body: body, host: host)
        return Answer(
            status: parts.status, headers: parts.headers,
            json: parts.body.isEmpty ? [:] : try JSONSerialization.jsonObject(with: parts.body))
    }

    /// - Parameter target: path and query, as they go over the line.
    func raw(
        _ method: String, _ target: String, headers: [String: String] = [:], body: Data = Data(), host: String? = nil
    ) async throws -> Parts {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        let request = Data((head + "\r\n").utf8) + body
        let port = port
        // A thread of its own: reading blocks.
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    continuation.resume(returning: Parts(try Self.answer(try Self.exchange(request, port: port))))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// An answer as it came, which may pass between threads.
    struct Parts: Sendable {
        let status: Int
        /// Names in small letters; of several the last.
        let headers: [String: String]
        let body: Data

        init(_ parts: (status: Int, headers: [String: String], body: Data)) { (status, headers, body) = parts }

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private static func exchange(_ request: Data, port: Int) throws -> Data {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Broken(what: "socket") }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Broken(what: "connect") }
        // A server that refuses a long body may stop reading before its end.
        var rest = request[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { break }
            rest = rest.dropFirst(sent)
        }
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer.prefix(count)
        }
        return received
    }

    private static func answer(_ bytes: Data) throws -> (status: Int, headers: [String: String], body: Data) {
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { throw Broken(what: "no head") }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Broken(what: "no status")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers[line[..<colon].lowercased()] = value.trimmingCharacters(in: .whitespaces)
        }
        return (status, headers, Data(bytes[end.upperBound...]))
    }
}
