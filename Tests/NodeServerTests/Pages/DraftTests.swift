import Foundation
import Replica
import ServiceModel
import SyncNode
import Testing

/// From the first keystroke to the receipt.
@Suite struct DraftTests {
    @Test func aDraftIsKeptResumedAndDiscarded() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let first = PageClient.whole(["edit": "1", "applicant.name": "王"])
            #expect(try await pages.post(draft, first).text == "saved")
            #expect(try await pages.post(draft, PageClient.whole(["edit": "2"])).text == "saved")
            // A save that was overtaken changes nothing, and is told what came before it.
            let late = try await pages.post(draft, PageClient.whole(["edit": "1", "applicant.name": "错"]))
            #expect(late.status == 409 && late.text == "2")

            let counter = try await pages.get("/counter")
            #expect(counter.text.contains("王小明") && counter.text.contains("href=\"\(draft)\""))
            let page = try await pages.get(draft)
            #expect(page.values("applicant.name").isEmpty && page.text.contains("value=\"王小明\""))
            #expect(page.text.contains("value=\"application\" checked"))
            #expect(page.text.contains("大病") && page.text.contains("value=\"2026-12-31\""))
            #expect(page.values("edit") == ["2"])

            let button = try await pages.post(draft, PageClient.whole(["then": "counter", "form.reason": "火灾"]))
            #expect(button.status == 303 && button.location == "/counter")
            #expect(try await pages.get(draft).text.contains("火灾"))

            // Nothing is gone before the question was answered.
            for from in [draft, "/counter"] {
                #expect(try await pages.get(from).text.contains("<a class=\"button quiet\" href=\"\(draft)/discard\">"))
            }
            let question = try await pages.get("\(draft)/discard").part("<main", "</main>") ?? ""
            for word in ["王小明", "临时救助金给付", "丢弃这份草稿", "href=\"\(draft)\"", "action=\"\(draft)/discard\""] {
                #expect(question.contains(word), "\(word): \(question)")
            }
            #expect(try await pages.get(draft).status == 200)
            #expect(try await pages.post("\(draft)/discard", []).location == "/counter")
            #expect(try await pages.get(draft).status == 410)
            #expect(try await pages.post(draft, PageClient.whole(["edit": "9"])).status == 410)
            #expect(try town.node.replica.read { try $0.drafts().isEmpty })
        }
    }

    @Test func acceptedOnceHoweverOftenItIsSent() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            async let one = pages.post("\(draft)/accept", PageClient.whole())
            async let two = pages.post("\(draft)/accept", PageClient.whole())
            async let three = pages.post("\(draft)/accept", PageClient.whole(["applicant.name": "别人"]))
            let answers = [try await one, try await two, try await three]
            let receipts = Set(answers.map { $0.location.split(separator: "/").dropFirst().first ?? "" })
            #expect(answers.allSatisfy { $0.status == 303 } && receipts.count == 1, "\(answers.map(\.text))")
            let receipt = try #require(receipts.first.map(String.init))
            // From an old page, much later: what is wrong with it plays no part any more.
            let replayed = try await pages.post("\(draft)/accept", [("item", HallTown.item)])
            #expect(replayed.status == 303 && replayed.location == "/cases/\(receipt)/receipt?again=1")
            #expect(try await pages.get(replayed.location).text.contains("此前已受理"))
            let later = try await pages.post(draft, [("item", HallTown.item), ("then", "counter")])
            #expect(later.location == replayed.location)
            #expect(try await pages.get(draft).location == "/cases/\(receipt)/receipt")
            let late = try await pages.post(draft, PageClient.whole(["edit": "99"]))
            #expect(late.status == 410 && late.text == "accepted")
            let (cases, drafts) = try town.node.replica.read { (try $0.serviceCases(limit: 9), try $0.drafts()) }
            #expect(cases.count == 1 && drafts.isEmpty)
            #expect(cases[0].fields["form.reason"] == "大病")
            #expect(cases[0].fields["material.proof"] == "deferred:2026-12-31")
        }
    }

    @Test func whatIsWrongIsNamedAtOnceAndNothingTypedIsLost() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let form = [
                ("item", HallTown.item), ("applicant.name", ""), ("applicant.phone", "abc"), ("form.reason", ""),
                ("onBehalf", "小王"), ("day", "2026-02-30"), ("actor", ""), ("edit", "1"),
            ]
            let page = try await pages.post("\(draft)/accept", form)
            #expect(page.status == 422)
            let named = [
                "in-applicant-name", "in-applicant-phone", "in-form-reason", "in-material-application",
                "in-material-proof", "in-day", "in-actor",
            ]
            for anchor in named {
                #expect(page.text.contains("href=\"#\(anchor)\""), "\(anchor) is named above")
                #expect(page.text.contains("id=\"\(anchor)-why\""), "\(anchor) is named beside its field")
            }
            #expect(page.text.contains("7 处") && page.text.contains("value=\"小王\"") && page.text.contains("abc"))
            // The draft has it too, in case the power goes now.
            #expect(try await pages.get(draft).text.contains("abc"))
            #expect(try town.node.replica.read { try $0.serviceCases(limit: 1).isEmpty })
        }
    }

    @Test func aWarningIsToldAndPassedOver() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let form = PageClient.whole(["applicant.phone": "12345678901234"])
            let warned = try await pages.post("\(draft)/accept", form)
            #expect(warned.status == 422 && warned.text.contains("in-applicant-phone-why"))
            let told = try #require(warned.values("told").first)
            #expect(told == "applicant.phone:form.unusualPhone")
            let accepted = try await pages.post("\(draft)/accept", form + [("told", told)])
            #expect(accepted.status == 303)
        }
    }

    @Test func aDiscardedDraftCanStillBeAcceptedFromItsPage() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            _ = try await pages.post("\(draft)/discard", [])
            let accepted = try await pages.post("\(draft)/accept", PageClient.whole())
            #expect(accepted.status == 303 && accepted.location.hasSuffix("/receipt?new=1"))
        }
    }

    @Test func aDiscardedDraftCanStillBeKeptFromItsPage() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            _ = try await pages.post("\(draft)/discard", [])
            #expect(try await pages.post(draft, PageClient.whole(["edit": "1"])).text == "gone")
            let kept = try await pages.post(draft, PageClient.whole() + [("then", "counter")])
            #expect(kept.status == 303 && kept.location == "/counter")
            let drafts = try town.node.replica.read { try $0.drafts() }
            #expect(drafts.count == 1 && drafts[0].content.contains("大病"))
        }
    }

    /// A browser that knows no address of a button's own sends everything to that of the form.
    @Test func savingIsNeverTakenForAccepting() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let kept = try await pages.post("\(draft)/accept", PageClient.whole() + [("then", "counter")])
            #expect(kept.location == "/counter")
            #expect(try town.node.replica.read { try $0.serviceCases(limit: 1).isEmpty && $0.drafts().count == 1 })
        }
    }

    /// A page that says so is the only copy.
    @Test func whatCouldNotBeKeptIsNotSaidToBe() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let draft = try await pages.begin()
            let (kept, notKept) = ("已存为草稿", "没有存下")
            let wrong = try await pages.post("\(draft)/accept", PageClient.whole(["applicant.name": ""]))
            #expect(wrong.status == 422 && wrong.text.contains(kept) && !wrong.text.contains(notKept))
            // The script begins with saving what is not.
            #expect(wrong.text.contains("data-holding=\"") && !wrong.text.contains("data-unkept"))
            let long = PageClient.whole(["form.reason": String(repeating: "a", count: 140_000)])
            let refused = try await pages.post("\(draft)/accept", long)
            #expect(refused.status == 413 && refused.text.contains(notKept) && !refused.text.contains(kept))
            #expect(refused.text.contains(" data-unkept"))
            _ = try await pages.post("\(draft)/discard", [])
            let gone = try await pages.post("\(draft)/accept", PageClient.whole(["applicant.name": ""]))
            #expect(gone.status == 422 && gone.text.contains(notKept) && !gone.text.contains(kept))
        }
    }

    @Test func draftsAreBoundedInNumber() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let now = town.network.now
            try town.node.replica.write { transaction in
                for number in 0..<DraftLimits.most {
                    try transaction.begin(Draft(id: "\(number)", item: "a", content: "{}", edit: 0, saved: now.seconds))
                }
            }
            let refused = try await pages.post("/drafts", [("item", HallTown.item)])
            #expect(refused.status == 400 && refused.text.contains("draft.tooMany"))
        }
    }

    @Test func theReceiptSaysWhatThePaperMust() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            let sheet = try #require(
                try await pages.get("/cases/\(receipt)/receipt").part("<article class=\"sheet\">", "</article>"))
            let row = try #require(try town.node.replica.read { try $0.serviceCase(receipt: receipt) })
            let due = try #require(row.times.promised?.due?.description)
            for word in [receipt, "临时救助金给付", "王小明", "申请表", "收入证明", "2026-12-31", due, "镇", "李雷"] {
                #expect(sheet.contains(word), "\(word)")
            }
        }
    }

    /// The applicant is sent to the window at which the case was accepted, and not to the city's.
    @Test func theReceiptNamesTheCountersOwnWindow() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            try town.node.override(
                .code(HallTown.item), place: ServicePlace(window: "镇 3 号窗", phone: "0543-1234567", hours: "9–17"),
                promised: nil, by: Publisher(actor: "p02"), now: town.network.now)
            let receipt = try await pages.accept()
            let sheet = try await pages.get("/cases/\(receipt)/receipt").part("<article class=\"sheet\">", "</article>")
            for word in ["镇 3 号窗", "0543-1234567", "9–17"] {
                #expect(sheet?.contains(word) == true, "\(word): \(sheet ?? "")")
            }
        }
    }
}
