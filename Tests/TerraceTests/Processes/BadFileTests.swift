import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// Files as people bring them, given to the real program: taken where they can be, else refused with a code and a
    /// line, and nothing of them kept.
    @Suite struct BadFileTests {
        private static let great = String(repeating: "滨", count: 10 << 20 / 3)

        struct File: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let text: String
            /// What the program says, in English; nothing where it takes the file.
            let found: [String]
        }

        private static let units = "code,name,tier,parent_code\r\n3799,滨湖市,city,\r\n"

        static let topologies: [File] = [
            File(
                testDescription: "BOM, CRLF, quotes",
                text:
                    "\u{FEFF}code,name,tier,parent_code\r\n\"3799\",\"滨湖市\",city,\r\n5,\"湖\"\"东\"\"区\",county,3799\r\n",
                found: []),
            File(
                testDescription: "a missing column", text: "code,name,parent_code\r\n3799,滨湖市,\r\n",
                found: ["csv.missingColumn: line 1: no column “tier”"]),
            File(
                testDescription: "a duplicate code", text: units + "379902,甲,county,3799\r\n379902,乙,county,3799\r\n",
                found: ["topology.duplicate: line 4: unit 379902: already on line 3"]),
            File(
                testDescription: "10 MB in a cell", text: units + "379902,\(great),county,3799\r\n",
                found: ["csv.cellTooLong: line 3: "]),
            File(
                testDescription: "10 MB behind a quote that is never closed", text: units + "379902,\"\(great)",
                found: ["csv.cellTooLong: line 3: "]),
            File(
                testDescription: "a circle, an orphan and a skipped tier",
                text: units + "1,甲,county,2\r\n2,乙,county,1\r\n3,丙,town,9\r\n4,丁,village,3799\r\n",
                found: [
                    "topology.cycle: line 3: unit 1", "topology.orphan: line 5: unit 3", "topology.tierSkipped: line 6",
                ]),
            File(
                testDescription: "an unknown unit above", text: units + "5,甲,county,77\r\n",
                found: ["topology.orphan: line 3"]),
        ]

        @Test(arguments: topologies)
        func topology(_ file: File) async throws {
            try await TerraceProcess.withCity { data in
                let before = try await TerraceProcess.run("status", "--data", data).output
                try await ProjectFiles.with("units.csv", file.text.utf8) { path in
                    let checked = try await TerraceProcess.run("topology", "check", path)
                    #expect(checked.status == (file.found.isEmpty ? 0 : 1), "\(checked.output)\(checked.errors)")
                    for found in file.found { #expect(checked.output.contains(found), "\(checked.output)") }
                    let chinese = try await TerraceProcess.run(["topology", "check", path], language: "zh_CN.UTF-8")
                    #expect(chinese.output.contains(file.found.isEmpty ? "没有问题" : "第"), "\(chinese.output)")
                    guard !file.found.isEmpty else { return }
                    let imported = try await TerraceProcess.run("topology", "import", "--data", data, path)
                    #expect(imported.status == 1 && imported.output.isEmpty, "\(imported.output)")
                    #expect(imported.errors.contains(file.found[0].prefix { $0 != ":" }), "\(imported.errors)")
                }
                #expect(try await TerraceProcess.run("status", "--data", data).output == before)
            }
        }

        private static let items =
            "name,department,kind,legal_limit_workdays,promised_limit_workdays,tier,item_code\r\n"

        static let catalogs: [File] = [
            File(
                testDescription: "BOM, CRLF, quotes",
                text: "\u{FEFF}\(items)\"甲，\"\"乙\"\"\",民政局,行政给付,20,8,city,X-1\r\n", found: []),
            File(
                testDescription: "a missing column", text: "name,kind\r\n甲,行政给付\r\n",
                found: ["csv.missingColumn: line 1: "]
            ),
            File(
                testDescription: "10 MB in a cell", text: items + "甲,\(great),行政给付,20,8,city,X-1\r\n",
                found: ["csv.cellTooLong: line 2: "]),
            File(testDescription: "nothing", text: "", found: ["csv.noHeader: line 1: "]),
            File(
                testDescription: "a cut array", text: "[{\"name\":", found: ["catalogFile.unclosed: line 1: "]),
        ]

        @Test(arguments: catalogs)
        func catalog(_ file: File) async throws {
            try await TerraceProcess.withCity { data in
                let before = try await TerraceProcess.run("catalog", "list", "--data", data).output
                try await ProjectFiles.with("items.csv", file.text.utf8) { path in
                    let result = try await TerraceProcess.run("catalog", "import", "--data", data, path)
                    #expect(result.status == (file.found.isEmpty ? 0 : 1), "\(result.errors)")
                    for found in file.found { #expect(result.errors.contains(found), "\(result.errors)") }
                    if file.found.isEmpty { #expect(result.output.contains("published 1, revised 0")) }
                }
                let after = try await TerraceProcess.run("catalog", "list", "--data", data).output
                #expect((after == before) == !file.found.isEmpty)
            }
        }

        /// A row that contradicts an earlier one is refused alone, with both lines.
        @Test func aDuplicateItemIsNamed() async throws {
            try await TerraceProcess.withCity { data in
                let row = "民政局,行政给付,20,8,city,X-1\r\n"
                try await ProjectFiles.with("items.csv", "\(Self.items)甲,\(row)乙,\(row)".utf8) { path in
                    let result = try await TerraceProcess.run(
                        ["catalog", "import", "--data", data, path], language: "zh_CN.UTF-8")
                    #expect(result.status == 0, "\(result.errors)")
                    #expect(result.output.contains("第3行：catalogFile.duplicate: 编码X-1在第2行已有而内容不同"), "\(result.output)")
                    #expect(result.output.contains("新发布1，修订0"))
                }
            }
        }
    }
}
