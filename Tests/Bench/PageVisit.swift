import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Asks a hall on this machine for a page, as a browser would, over a socket of its own.
enum PageVisit {
    /// - Returns: the bytes of the answer.
    /// - Throws: `BenchNode.Failure` when it is not a page.
    @discardableResult
    static func get(_ path: String, port: Int) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchNode.Failure(description: "no socket") }
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
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n".utf8)
        guard connected == 0, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchNode.Failure(description: "nobody answers at port \(port)")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        guard answer.starts(with: Array("HTTP/1.1 200".utf8)) else {
            throw BenchNode.Failure(description: "\(path): \(String(decoding: answer.prefix(64), as: UTF8.self))")
        }
        return answer.count
    }
}
