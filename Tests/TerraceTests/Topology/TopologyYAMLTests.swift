import ServiceModel
import Testing

@testable import terrace

struct TopologyYAMLTests {
    private func read(_ text: String) throws -> TopologyPlan { try TopologyYAML.read(Array(text.utf8)) }

    @Test func linesAndFields() throws {
        let plan = try read(
            """
            # 市
            tiers: [市, 县]
            units:
              - {code: 0037, name: 滨湖市, tier: 市}

              - code: '0037E1'
                name: yes
                tier: 县
                parent: 0037
                kind: branch
                division: ~
                from: 2015-01-01
                until: ""
            """)
        #expect(plan.tiers == ["市", "县"])
        #expect(
            plan.rows == [
                TopologyPlan.Row(line: 4, code: "0037", name: "滨湖市", tier: "市", parent: nil),
                TopologyPlan.Row(
                    line: 6, code: "0037E1", name: "yes", tier: "县", parent: "0037", kind: "branch", division: "",
                    from: "2015-01-01", until: ""),
            ])
        #expect(plan.check() == [])
    }

    static let mistakes: [(String, String, Int?)] = [
        ("", "yaml.empty", nil), ("# nothing\n", "yaml.empty", nil), ("units: [", "yaml.syntax", 2),
        ("units:\n  - {code: 1\n  - {", "yaml.syntax", 3), ("units:\n\t- a", "yaml.syntax", 2),
        ("- a", "yaml.shape", 1), ("units: a", "yaml.shape", 1), ("units:\n  - a", "yaml.shape", 2),
        ("units:\n  - {code: [1], name: a, tier: b}", "yaml.shape", 2), ("tiers: a\nunits: []", "yaml.shape", 1),
        ("units: []\nunit: []", "yaml.unknownKey", 2), ("tiers: [a]", "yaml.missingKey", 1),
        ("units:\n  - {code: 1, name: a, tier: b, parnet: c}", "yaml.unknownKey", 2),
        ("units:\n  - {code: 1, name: a}", "yaml.missingKey", 2),
        ("units:\n  - {code: 1, code: 2, name: a, tier: b}", "yaml.duplicateKey", 2),
        ("units: []\n---\nunits: []", "yaml.syntax", 2), ("units: *missing", "yaml.syntax", 1),
        ("units: " + String(repeating: "[", count: 100_000), "yaml.syntax", 1),
        ("units: [" + String(repeating: "*a,", count: 17) + "]", "yaml.aliases", nil),
    ]

    @Test(arguments: mistakes)
    func refused(text: String, code: String, line: Int?) {
        #expect { try read(text) } throws: { error in
            let error = error as? YAMLFileError
            return error?.code == code && error?.line == line
        }
    }

    @Test func refusesOtherEncodingsAndGreatFiles() {
        #expect(throws: YAMLFileError.notUTF8) { try TopologyYAML.read([0xB1, 0xF5]) }
        #expect(throws: YAMLFileError.fileTooLong(limit: 16 << 20)) {
            try TopologyYAML.read(Array(repeating: UInt8(ascii: "#"), count: 16 << 20 | 1))
        }
    }

    @Test func tooManyUnits() throws {
        let unit = "- {code: 1, name: a, tier: city}\n"
        let text = "units:\n" + String(repeating: unit, count: TopologyPlan.mostUnits + 1)
        #expect { try read(text) } throws: { error in
            (error as? TopologyRejected)?.problems.map { "\($0.kind.rawValue) \($0.line)" }
                == ["topology.tooManyUnits \(TopologyPlan.mostUnits + 2)"]
        }
    }

    @Test func canonicalForm() throws {
        let root = try #require(UnitCode("3799")), county = try #require(UnitCode("379902"))
        let units = [
            UnitEntry(
                code: county, name: "a \"b\\\" # 'c': \u{7F}", tier: 1, parent: root, division: "379902", from: 16_436,
                until: 20_000),
            UnitEntry(
                code: try #require(UnitCode("3799B1")), name: "no", tier: 1, parent: root, kind: .branch),
            UnitEntry(code: root, name: "滨湖市", tier: 0, parent: nil),
            UnitEntry(code: try #require(UnitCode("3799021")), name: "12", tier: 2, parent: county),
        ]
        let text = TopologyYAML.write(tiers: ["city", "县", "null"], units: units, comment: ["eins", "zwei"])
        #expect(
            text == """
                # eins
                # zwei
                tiers: [city, 县, "null"]
                units:
                  - {code: "3799", name: 滨湖市, tier: city}
                  - {code: "379902", name: "a \\"b\\\\\\" # 'c': \\x7f", tier: 县, parent: "3799", division: "379902", \
                from: "2015-01-01", until: "2024-10-04"}
                  - {code: "3799021", name: "12", tier: "null", parent: "379902", kind: centre}
                  - {code: "3799B1", name: "no", tier: 县, parent: "3799", kind: branch}

                """)
        let rows = try read(text).rows
        #expect(rows.map(\.name) == ["滨湖市", "a \"b\\\" # 'c': \u{7F}", "12", "no"])
        #expect(rows.map(\.line) == [5, 6, 7, 8])
        #expect(rows.map(\.tier) == ["city", "县", "null", "县"])
    }

    @Test(arguments: ["topology/demo.yaml", "topology/binzhou.yaml"])
    func writtenFormIsReadBack(path: String) throws {
        let plan = try TopologyFile.read(path: ProjectFiles.path(path))
        #expect(plan.check() == [])
        let units = try plan.units()
        let again = try read(TopologyYAML.write(tiers: plan.tiers, units: units))
        #expect(try again.units() == units)
        #expect(try again.changes(from: units, lastDay: CivilDate.latest) == [])
    }

    @Test func demo() throws {
        let units = try TopologyFile.read(path: ProjectFiles.path("topology/demo.yaml")).units()
        #expect([0, 1, 2, 3].map { tier in units.count { $0.tier == tier } } == [1, 3, 3, 6])
        #expect(units.count { $0.kind == .branch } == 1)
        #expect(units.count { $0.kind == .point } == 6)
    }
}

struct TopologyFileTests {
    @Test(arguments: ["a.txt", "yaml", "a.yaml.bak", ""])
    func unknownFormat(path: String) {
        #expect(throws: TopologyFileError.unknownFormat(path)) { try TopologyFile.read(path: path) }
    }

    @Test(arguments: ["CSV", "csv", "yaml", "yml", "YML"])
    func byTheEndOfTheName(ending: String) throws {
        let text =
            ending.lowercased() == "csv"
            ? "code,name,tier,parent_code\n37,甲,city,\n" : "units: [{code: 37, name: 甲, tier: city}]"
        let plan = try ProjectFiles.with("a.\(ending)", text.utf8) { try TopologyFile.read(path: $0) }
        #expect(plan.rows.map(\.code) == ["37"])
    }

    @Test(arguments: ["csv", "yaml"])
    func unreadable(ending: String) throws {
        for path in [ProjectFiles.path("missing.\(ending)"), ProjectFiles.path("missing/a.\(ending)")] {
            #expect { try TopologyFile.read(path: path) } throws: { error in
                (error as? TopologyFileError)?.code == "topologyFile.unreadable"
            }
        }
    }
}
