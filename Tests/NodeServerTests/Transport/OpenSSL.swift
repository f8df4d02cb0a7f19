import Foundation

/// The `openssl` program as a client that is not ours: it can resume sessions and come without a certificate.
enum OpenSSL {
    private static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isPresent: Bool { path != nil }

    /// Sends one request for an exchange with an empty body and gives everything that the program printed.
    static func dial(_ port: Int, _ arguments: [String] = [], pem: String? = nil) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("child-\(UUID()).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        var all = ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"] + arguments
        if let pem {
            try Data(pem.utf8).write(to: file)
            all += ["-cert", file.path, "-key", file.path]
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "openssl")
        process.arguments = all
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let request = "POST /sync/v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        try? input.fileHandleForWriting.write(contentsOf: Data(request.utf8))
        let said = await Task.detached {
            let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }.value
        try? input.fileHandleForWriting.close()
        return said
    }
}
