import Foundation
import Replica
import ServiceModel
import SyncNode
import Testing

/// What is done to a case in a browser.
@Suite struct CaseActTests {
    private func offered(_ page: PageClient.Page) -> [String] { page.values("action") }

    @Test func onlyWhatIsPossibleIsOffered() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            let path = "/cases/\(receipt)"
            let before = try await pages.get(path)
            #expect(
                offered(before) == ["decide", "correct", "forward", "amend", "note", "withdraw", "cancel"],
                "\(offered(before))")
            // Each form has what its action needs, and nothing else.
            for (name, count) in [("outcome", 2), ("target", 1), ("missing", 1), ("level", 0), ("actor", 7)] {
                #expect(before.text.components(separatedBy: " name=\"\(name)\"").count == count + 1, "\(name)")
            }
            let seen = try #require(before.values("seen").first)
            let decided = try await pages.post(
                "\(path)/actions",
                [("action", "decide"), ("outcome", "granted"), ("actor", "韩梅"), ("seen", seen)])
            #expect(decided.status == 303 && decided.location == "\(path)?done=done")
            #expect(decided.headers["set-cookie"]?.hasPrefix("clerk=") == true)
            let after = try await pages.get(decided.location)
            #expect(offered(after) == ["forward", "deliver", "amend", "note", "evaluate"], "\(offered(after))")
            #expect(after.text.contains("准予") && after.text.contains("韩梅"))
        }
    }

    @Test func changedMeanwhileKeepsWhatWasTyped() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let path = "/cases/\(try await pages.accept())"
            let seen = try #require(try await pages.get(path).values("seen").first)
            let correction = [("action", "correct"), ("missing", "申请表缺签名\n\n身份证"), ("actor", "韩梅"), ("seen", seen)]
            #expect(try await pages.post("\(path)/actions", correction).status == 303)
            let withdrawal = [("action", "withdraw"), ("text", "不办了"), ("actor", "韩梅"), ("seen", seen)]
            let page = try await pages.post("\(path)/actions", withdrawal)
            #expect(page.status == 409 && page.text.contains("不办了") && page.text.contains("已有变化"))
            #expect(page.text.contains("申请表缺签名") && page.text.contains("act-withdraw\" open"))
            let now = try #require(page.values("seen").first)
            #expect(now != seen)
            let again = try await pages.post("\(path)/actions", withdrawal.dropLast() + [("seen", now)])
            #expect(again.status == 303)
            // What can no longer be done at all is said, with the words that were typed.
            let late = try await pages.post(
                "\(path)/actions", [("action", "cancel"), ("text", "受理错了"), ("actor", "韩梅")])
            #expect(late.status == 409 && late.text.contains("受理错了"))
        }
    }

    @Test func aFormThatSaysTooLittleIsRefusedWithItsReason() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let path = "/cases/\(try await pages.accept())"
            let table: [([(String, String)], String)] = [
                ([("action", "decide"), ("actor", "韩")], "请填写"),
                ([("action", "decide"), ("outcome", "refused"), ("actor", "韩")], "不予批准须说明理由"),
                ([("action", "correct"), ("missing", " \n "), ("actor", "韩")], "请至少填写一项"),
                ([("action", "note"), ("text", ""), ("actor", "韩")], "请填写备注"),
                ([("action", "note"), ("text", "好"), ("actor", "")], "经办人"),
                ([("action", "note"), ("text", "好"), ("actor", String(repeating: "韩", count: 22))], "最多 21 个"),
                ([("action", "amend"), ("actor", "韩")], "没有改动"),
                ([("action", "forward"), ("target", "?"), ("actor", "韩")], "请选择单位"),
                ([("action", "cancel"), ("actor", "韩")], "请填写原因"),
            ]
            for (form, reason) in table {
                let page = try await pages.post("\(path)/actions", form)
                #expect((400..<500).contains(page.status), "\(form)")
                #expect(page.part("role=\"alert\"", "</div>")?.contains(reason) == true, "\(form): \(page.text)")
            }
            #expect(try await pages.post("\(path)/actions", [("action", "accept"), ("actor", "韩")]).status == 400)
            #expect(try await pages.post("\(path)/actions", [("action", "dance"), ("actor", "韩")]).status == 400)
            #expect(try await pages.get(path).text.components(separatedBy: "<li class=\"done\">").count == 2)
        }
    }

    @Test func anAmendmentWritesOnlyWhatWasChanged() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            let done = try await pages.post(
                "/cases/\(receipt)/actions",
                [
                    ("action", "amend"), ("actor", "韩"), ("was.applicant.phone", "13900001001"),
                    ("field.applicant.phone", "139 1111 2222"), ("was.form.reason", "大病"), ("field.form.reason", "大病"),
                    ("field.decision", "granted"), ("was.decision", ""), ("material", "proof"),
                ])
            #expect(done.status == 303)
            let row = try #require(try town.node.replica.read { try $0.serviceCase(receipt: receipt) })
            #expect(row.fields["applicant.phone"] == "13911112222" && row.fields["material.proof"] == "handedIn")
            #expect(row.fields["decision"] == nil)
            let trace = try await pages.get("/cases/\(receipt)").part("<ol class=\"trace\">", "</ol>") ?? ""
            #expect(trace.contains("13911112222") && !trace.contains("大病"))
        }
    }

    /// A case whose telephone number two units have changed to different ones, and which the city asks to withdraw.
    private func disputed(_ town: HallTown, _ pages: PageClient) async throws -> String {
        let receipt = try await pages.accept()
        try town.network.settle(rounds: 2)
        let creation = try town.node.replica.read { try $0.caseReference(typed: receipt).creation }
        for (unit, phone) in [(HallTown.town, "13911112222"), (HallTown.city, "13833334444")] {
            var step = CaseStep(.amend, day: town.network.now.day, actor: "韩")
            step.fields = [CaseField.applicantPhone: phone]
            try town.network.take(step, at: unit, on: creation)
        }
        // A withdrawal by who does not hold the case is a request.
        try town.network.take(
            CaseStep(.withdraw, day: town.network.now.day, actor: "市里"), at: HallTown.city, on: creation)
        try town.network.settle(rounds: 2)
        return receipt
    }

    /// No value is lost, and none gets in that an amendment could not write.
    @Test func aConflictIsSettledByAValueThatIsThereAndRight() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await disputed(town, pages)
            let (choice, other) = ("settle.applicant.phone", "other.applicant.phone")
            let table: [([(String, String)], String)] = [
                ([(choice, "other"), (other, " ")], "请选择认定的值"), ([(choice, "other")], "请选择认定的值"),
                ([(choice, "=13833334444"), (other, "13700000000")], "又另填了一个"),
                ([(choice, "other"), (other, "电话")], "电话号码"),
                ([(choice, "=13700000000")], "已有变化"), ([("settle.applicant.address", "=东街")], "已有变化"),
            ]
            for (form, reason) in table {
                let page = try await pages.act(on: receipt, [("action", "settle")] + form)
                #expect((400..<500).contains(page.status), "\(form)")
                #expect(page.part("role=\"alert\"", "</div>")?.contains(reason) == true, "\(form): \(page.text)")
            }
            func row() throws -> ServiceCaseRow? { try town.node.replica.read { try $0.serviceCase(receipt: receipt) } }
            #expect(try row()?.conflicts == 1)
            let settled = try await pages.act(
                on: receipt, [("action", "settle"), (choice, "other"), (other, " 137 0000 0000 ")])
            #expect(settled.status == 303)
            #expect(try row()?.conflicts == 0)
            #expect(try row()?.fields[CaseField.applicantPhone] == "13700000000")
        }
    }

    @Test func allThatWasTypedComesBack() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await disputed(town, pages)
            let (choice, other) = ("settle.applicant.phone", "other.applicant.phone")
            let settling = [("action", "settle"), (choice, "=13833334444"), (other, "13700000000")]
            let settle = try await pages.act(on: receipt, settling)
            #expect(settle.text.contains("name=\"\(choice)\" value=\"=13833334444\" checked"))
            #expect(!settle.text.contains("name=\"\(choice)\" value=\"=13911112222\" checked"))
            #expect(settle.values(other) == ["13700000000"])

            let request = try #require(settle.part("name=\"answer.", "\""))
            let answering = [("action", "answer"), ("text", "仍要办理"), ("answer.\(request)", "decline")]
            let answer = try await pages.act(on: receipt, [("actor", "")] + answering)
            #expect(answer.status == 400 && answer.text.contains("仍要办理"))
            #expect(answer.text.contains("name=\"answer.\(request)\" value=\"decline\" checked"))

            let amend = try await pages.act(
                on: receipt,
                [
                    ("action", "amend"), ("was.form.reason", "大病"), ("field.form.reason", "火灾"),
                    ("was.applicant.phone", "1"), ("field.applicant.phone", "电话"), ("material", "proof"),
                ])
            #expect(amend.status == 400 && amend.text.contains(">火灾</textarea>"))
            #expect(amend.values("was.form.reason") == ["大病"] && amend.values("was.applicant.phone") == ["1"])
            #expect(amend.text.contains("value=\"电话\"") && amend.text.contains("value=\"proof\" checked"))

            // What has no form any more is read off the page.
            #expect(try await pages.act(on: receipt, answering).status == 303)
            #expect(try await pages.act(on: receipt, settling.dropLast()).status == 303)
            #expect(try await pages.act(on: receipt, [("action", "withdraw")]).status == 303)
            let table: [([(String, String)], [String])] = [
                (answering, ["撤回 · 市", "不同意", "仍要办理"]), (settling, ["13833334444", "13700000000"]),
                ([("action", "correct"), ("missing", "签名\n公章")], ["签名\n公章"]),
                ([("action", "decide"), ("outcome", "refused"), ("text", "不合条件")], ["不予批准", "不合条件"]),
                ([("action", "forward"), ("target", HallTown.city)], ["转交给", "市"]),
            ]
            for (form, words) in table {
                let late = try await pages.act(on: receipt, form)
                let told = late.part("role=\"alert\"", "</div>") ?? ""
                #expect((400..<500).contains(late.status), "\(form)")
                for word in words { #expect(told.contains(word), "\(word): \(told)") }
            }
        }
    }

    @Test func aConflictIsShownWithItsLosersAndSettled() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await disputed(town, pages)
            let path = "/cases/\(receipt)"
            let page = try await pages.get(path)
            let entry = try #require(page.part("<section class=\"notice warn\">", "</section>"))
            #expect(entry.contains("<b>13911112222</b>") && entry.contains("<span class=\"lost\">13833334444</span>"))
            #expect(offered(page).contains("settle") && offered(page).contains("answer"))
            #expect(try await pages.get("/cases?unsettled=1").text.contains("1 处分歧"))

            let settled = try await pages.act(
                on: receipt, [("action", "settle"), ("settle.applicant.phone", "=13833334444")])
            #expect(settled.status == 303)
            let request = try #require(page.part("name=\"answer.", "\""))
            let answered = try await pages.act(
                on: receipt, [("action", "answer"), ("text", "仍要办理"), ("answer.\(request)", "decline")])
            #expect(answered.status == 303)
            let row = try #require(try town.node.replica.read { try $0.serviceCase(receipt: receipt) })
            #expect(row.conflicts == 0 && row.requests == 0 && row.phase == .accepted)
            #expect(row.fields[CaseField.applicantPhone] == "13833334444")
            #expect(try await pages.get(path).text.contains("未获同意"))
        }
    }
}
