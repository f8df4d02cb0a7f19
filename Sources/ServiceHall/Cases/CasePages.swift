import Replica
import ServiceModel
import SyncNode

/// The cases that this node holds: the list, one of them, and its receipt.
struct CasePages: Sendable {
    let frame: PageFrame
    private var node: Node { frame.desk.node }

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] {
        [
            PageRoute(.get, "/cases") { try list($0) },
            PageRoute(.get, "/cases/{receipt}") { try show($0) },
            PageRoute(.get, "/cases/{receipt}/receipt") { try receipt($0) },
            PageRoute(.post, "/cases/{receipt}/fetch") { try fetch($0) },
            PageRoute(.get, "/cases/{receipt}/fetch") { .found($0.path["receipt"] ?? "") },
        ]
    }

    private func list(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        let typed = String(request.query.text("q").unicodeScalars.prefix(SearchQuery.longest))
        let phase = Phase.all.first { $0.rawValue == request.query.text("phase") }
        let isHere = request.query["here"] != nil
        let isOwn = request.query["own"] != nil
        let isUnsent = request.query["unsent"] != nil
        var filter = CaseFilter(
            phase: phase?.rawValue, holder: isHere ? node.name.unit.text : nil,
            acceptedBy: isOwn ? node.name.unit.text : nil, isUnsettled: request.query["unsettled"] != nil)
        let (rows, waiting, topology, stub, day) = try node.replica.read { transaction in
            let unsent = try transaction.unsentUpward()
            if isUnsent { filter.unsent = unsent }
            let limit = PageLimits.casesShown + 1
            let rows =
                typed.isEmpty
                ? try transaction.serviceCases(filter, limit: limit)
                : try transaction.serviceCases(matching: SearchQuery(typed), filter, limit: limit)
            return (
                rows, try transaction.records(rows.map(\.record), with: unsent), transaction.charter.current.topology,
                typed.isEmpty ? nil : try transaction.stub(receipt: ReceiptNumber.printed(typed)),
                try node.clock(transaction, now: now).presumedDay
            )
        }
        let view: View = [
            "isCases": true, "typed": typed, "isHereOnly": isHere,
            "isOwnOnly": isOwn, "isUnsettledOnly": filter.isUnsettled, "isUnsentOnly": isUnsent,
            "mayWait": !node.isRoot,
            "phases": Phase.all.map { one -> View in
                [
                    "phaseValue": one.rawValue, "phaseName": text.word("phase", one.rawValue),
                    "isPhaseChosen": one == phase,
                ]
            },
            "cases": rows.prefix(PageLimits.casesShown).map { row -> View in
                var view = CaseLineView(row: row, topology: topology, text: text, day: day).view
                view["unsentMark"] = waiting.contains(row.record) ? text["mark.unsent"] : nil
                return view
            },
            "stub": stub.map { ["stubReceipt": $0.receipt, "stubItem": $0.itemName, "isWished": $0.isWished] as View },
            "hasMore": rows.count > PageLimits.casesShown,
        ]
        return try frame.page("cases", view, request, title: text["cases"])
    }

    private func show(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        let receipt = request.path["receipt"] ?? ""
        let file = try node.replica.read { try CaseFile(typed: receipt, at: node, now: now, $0) }
        var view = CaseView(file: file, text: text, now: now).view
        view["acts"] = CaseActForms(file: file, text: text, clerk: request.clerk, own: node.name.unit).views
        let done = request.query.text("done")
        if ["done", "asked", "written"].contains(done) { view["notice"] = text["done.\(done)"] }
        return try frame.page("case", view, request, title: file.row.receipt, here: "/cases/\(file.row.receipt)")
    }

    /// Asks for a case that has left this machine. Whoever asks twice gets it once.
    private func fetch(_ request: PageRequest) throws -> PageAnswer {
        let receipt = request.path["receipt"] ?? ""
        do {
            try node.fetchCase(typed: receipt, now: frame.desk.now())
            frame.desk.announce()
        } catch NodeError.isHere(let number) {
            return .seeOther("/cases", number)
        }
        return .found(receipt)
    }

    private func receipt(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        let file = try node.replica.read { try CaseFile(typed: request.path["receipt"] ?? "", at: node, now: now, $0) }
        var view = ReceiptView(file: file, text: text, now: now).view
        view["isNew"] = request.query[ReceiptNote.new.rawValue] != nil
        view["isAgain"] = request.query[ReceiptNote.again.rawValue] != nil
        return try frame.page("receipt", view, request, title: file.row.receipt, kind: "paper")
    }
}

extension PageAnswer {
    /// What a search for a number shows.
    fileprivate static func found(_ receipt: String) -> PageAnswer { .seeOther("/cases?q=\(escaped(receipt))") }
}
