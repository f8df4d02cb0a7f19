import ServiceModel
import Testing

@Suite struct MaterialStatusTests {
    @Test(arguments: [
        MaterialStatus.handedIn, .certificate("居民身份证：电子"), .certificate("a:b"),
        .deferred(until: CivilDate(year: 2026, month: 2, day: 28)!),
    ])
    func isReadAsItIsWritten(status: MaterialStatus) {
        #expect(MaterialStatus(status.text) == status)
    }

    @Test(arguments: ["", "handedIn:", "handed", "certificate", "certificate:", "deferred", "deferred:2026-02-30", ":"])
    func otherTextsAreNone(text: String) {
        #expect(MaterialStatus(text) == nil)
    }

    @Test func anApplicantIsNamedAndReachable() {
        #expect(ApplicantForm.check([:]).problems.map(\.code) == ["form.missing"])
        let (values, problems) = ApplicantForm.check([
            CaseField.applicantName: " 王小明 ", CaseField.applicantPhone: "１３９０００００００１", "other": "x",
        ])
        #expect(values == [CaseField.applicantName: "王小明", CaseField.applicantPhone: "13900000001"])
        #expect(problems.isEmpty)
        let wrong = ApplicantForm.check([CaseField.applicantName: "王", CaseField.applicantPhone: "abc"])
        #expect(wrong.problems.map(\.code) == ["form.notAPhone"])
    }
}
