import ServiceModel
import Testing

@Suite struct FormCheckTests {
    static let check = FormCheck(CatalogSamples.item())
    static let good = ["applicant": "张三", "idNumber": "371602190101010014"]

    static let papers: Set = ["application", "idCard", "health"]

    private static func codes(_ values: [String: String], _ materials: Set<String> = papers) -> [String] {
        check.check(values: values, materials: materials).map { "\($0.name) \($0.code) \($0.severity.rawValue)" }
    }

    @Test func nothingToSay() {
        #expect(Self.codes(Self.good) == [])
    }

    @Test(arguments: [
        ("applicant", "", ["applicant form.missing error"]), ("applicant", " 　", ["applicant form.missing error"]),
        ("applicant", "张", ["applicant form.tooShort error"]),
        ("applicant", String(repeating: "张", count: 30), []),
        ("applicant", String(repeating: "张", count: 31), ["applicant form.tooLong error"]),
        ("applicant", String(repeating: "x", count: 100_000), ["applicant form.tooLong error"]),
        ("idNumber", "371602190101010015", ["idNumber citizen.check error"]),
        ("idNumber", "3716021901010100", ["idNumber citizen.length error"]),
        ("credit", "11371602900000022K", []), ("credit", "11371602900000022L", ["credit credit.check warning"]),
        ("credit", "1137160", ["credit credit.length warning"]), ("credit", "", []),
        ("phone", "13805430000", []), ("phone", "0540-2100101", []), ("phone", "+86-13805430000", []),
        ("phone", "2100101", []), ("phone", "400-600-1234", []), ("phone", "010-62100101-123", []),
        ("phone", "12805430000", ["phone form.unusualPhone warning"]),
        ("phone", "+4915112345678", ["phone form.unusualPhone warning"]),
        ("phone", "12345", ["phone form.notAPhone error"]), ("phone", "见名片", ["phone form.notAPhone error"]),
        ("scale", "大", []), ("scale", "中", ["scale form.notAChoice error"]),
        ("area", "120.5", []), ("area", "-3", []), ("area", "1,000", ["area form.notANumber error"]),
        ("area", "1.", ["area form.notANumber error"]), ("area", "1e3", ["area form.notANumber error"]),
        ("area", "--1", ["area form.notANumber error"]),
        ("opened", "2016-02-29", []), ("opened", "2015-02-29", ["opened form.notADate error"]),
        ("opened", "2015/02/28", ["opened form.notADate error"]),
        ("plate", "鲁M12345", []), ("plate", "鲁12345", ["plate form.pattern error"]),
        ("other", "值", ["other form.unknownField error"]),
    ])
    func values(field: String, value: String, expected: [String]) {
        #expect(Self.codes(Self.good.merging([field: value]) { $1 }) == expected)
    }

    @Test func materials() {
        #expect(
            Self.codes(Self.good, ["photo"]) == [
                "application material.missing error", "idCard material.missing error",
                "health material.deferred warning", "photo material.unknown error",
            ])
        let covered = Self.check.check(
            values: Self.good, materials: ["application", "health"], certificates: ["电子身份证"])
        #expect(covered == [])
    }

    @Test func everythingAtOnceInTheOrderOfTheForm() {
        #expect(
            Self.codes(["z": "1", "a": "1", "scale": "中"], ["application"]).map { $0.split(separator: " ")[0] }
                == ["applicant", "idNumber", "scale", "idCard", "health", "a", "z"])
    }

    @Test func whatIsTypedIsBroughtToItsForm() {
        let typed = [
            "applicant": " 张 三　", "idNumber": "37160219010501002ｘ", "credit": " 11371602 900000022k ",
            "phone": "１３８ 0543 0000", "opened": "2015－02－28", "plate": "",
        ]
        let kept = Self.check.canonical(typed)
        #expect(
            kept == [
                "applicant": "张 三", "idNumber": "37160219010501002X", "credit": "11371602900000022K",
                "phone": "13805430000", "opened": "2015-02-28",
            ])
        #expect(Self.codes(kept) == [])
    }
}
