import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension ProcessTests {
    /// The power goes while a clerk types: a real process, killed.
    @Suite struct DraftPowerCutTests {
        @Test func whatWasSavedIsThereAfterAKill() async throws {
            try await TerraceProcess.withCity { data in
                let first = try HallProcess(data: data)
                let begun = try await first.post("/drafts", ["item": "BH-SJ-003"])
                let draft = try #require(begun.url?.path)
                #expect(draft.hasPrefix("/drafts/"))
                let typed = ["applicant.name": "王小明", "form.applicantName": "王小明", "item": "BH-SJ-003"]
                #expect(try await first.post(draft, typed.merging(["edit": "1"]) { $1 }).text == "saved")
                let more = typed.merging(["edit": "2", "form.phone": "13900001001"]) { $1 }
                #expect(try await first.post(draft, more).text == "saved")
                first.kill()

                let second = try HallProcess(data: data)
                #expect(try await second.get("/counter").text.contains("href=\"\(draft)\""))
                let resumed = try await second.get(draft)
                #expect(resumed.text.contains("value=\"王小明\"") && resumed.text.contains("value=\"13900001001\""))
                let whole = typed.merging(
                    [
                        "form.phone": "13900001001", "form.idNumber": "371602190101010014", "material": "idCard",
                        "actor": "李雷",
                    ]) { $1 }
                let accepted = try await second.post("\(draft)/accept", whole)
                let receipt = try #require(accepted.url?.path)
                #expect(receipt.hasSuffix("/receipt") && accepted.text.contains("王小明"), "\(accepted.text)")
                // The answer may have been lost with the power: the same form again gives the same receipt.
                second.kill()

                let third = try HallProcess(data: data)
                #expect(try await third.post("\(draft)/accept", whole).url?.path == receipt)
                #expect(try await !third.get("/counter").text.contains(draft))
                third.kill()
                let list = try await TerraceProcess.run("case", "list", "--data", data, "--format", "json")
                #expect(list.output.components(separatedBy: "\"receipt\"").count == 2, "\(list.output)")
            }
        }
    }
}

/// A server with its hall open, asked as a browser would.
final class HallProcess {
    struct Page {
        let url: URL?
        let text: String
    }

    private let process: Process
    private let base: String

    init(data: String) throws {
        let (process, output, _) = TerraceProcess.make(["serve", "--data", data, "--hall", "127.0.0.1:0"])
        try process.run()
        var text = ""
        while !text.contains("hall open at"), process.isRunning {
            text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        }
        self.process = process
        base = String(text.split(whereSeparator: \.isWhitespace).last ?? "").trimmingCharacters(in: ["/"])
    }

    deinit { if process.isRunning { kill() } }

    /// As a power cut would: nothing is put in order.
    func kill() {
        #if canImport(Glibc)
            Glibc.kill(process.processIdentifier, SIGKILL)
        #else
            Darwin.kill(process.processIdentifier, SIGKILL)
        #endif
        process.waitUntilExit()
    }

    func get(_ path: String) async throws -> Page { try await ask(URLRequest(url: try url(path))) }

    func post(_ path: String, _ form: [String: String]) async throws -> Page {
        var request = URLRequest(url: try url(path))
        request.httpMethod = "POST"
        request.setValue(base, forHTTPHeaderField: "Origin")
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        let escaped = form.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        request.httpBody = Data(escaped.joined(separator: "&").utf8)
        return try await ask(request)
    }

    private func url(_ path: String) throws -> URL { try #require(URL(string: base + path)) }

    private func ask(_ request: URLRequest) async throws -> Page {
        let (data, response) = try await URLSession.shared.data(for: request)
        return Page(url: response.url, text: String(decoding: data, as: UTF8.self))
    }
}
