import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// A case as its page shows it.
struct CaseView {
    let file: CaseFile
    let text: PageText
    let now: Moment

    var view: View {
        let row = file.row
        var view = CaseLineView(row: row, topology: file.topology, text: text, day: file.clock.presumedDay).view
        view["isCases"] = true
        view["acceptedBy"] = file.name(row.acceptedBy)
        view["acceptedClerk"] = file.clerk
        view["outcome"] = row.outcome.map(text.outcome)
        view["isGranted"] = row.outcome == .granted
        view["promisedLimit"] = row.promise.instant ? text["limit.instant"] : text.limit(row.promise.promised)
        view["promisedDue"] = due(row.times.promised, of: row.promise.promised)
        view["statutoryLimit"] = text.limit(row.promise.statutory)
        view["statutoryDue"] = due(row.times.statutory, of: row.promise.statutory)
        view["usedDays"] = row.times.used.map { text("case.usedDays", "\($0)") }
        view["lacksCalendar"] = row.times.lacksCalendar
        view["ledger"] = ledger
        view["fields"] = fields { !$0.hasPrefix(CaseField.material) }
        view["materialFields"] = fields { $0.hasPrefix(CaseField.material) }
        view["conflictEntries"] = conflicts
        view["openEntries"] = open
        view["trace"] = trace
        view["stations"] = stations
        view["holders"] = file.custody.map { holder -> View in
            ["holderUnit": file.name(holder.unit), "holderSince": CivilDay.text(holder.since)]
        }
        view["custodyInDoubt"] = file.record.state.custodyInDoubt
        return view
    }

    private func due(_ deadline: Deadline?, of limit: TimeLimit?) -> String? {
        guard limit != nil else { return nil }
        return deadline?.due?.description ?? text["case.clockStands"]
    }

    private func fields(_ isMeant: (String) -> Bool) -> [View] {
        file.row.fields.filter { isMeant($0.key) }.sorted { rank($0.key) < rank($1.key) }.map { name, value in
            [
                "fieldLabel": file.label(name, text), "fieldValue": file.value(value, of: name, text),
                "isDisputed": file.record.state.conflicts[name] != nil,
            ]
        }
    }

    /// The applicant first, then the form and the materials in the item's order, then the rest.
    private func rank(_ field: String) -> (Int, String) {
        let known =
            ApplicantForm.fields.map(\.name)
            + (file.item?.form.map { CaseField.form + $0.name } ?? [])
            + (file.item?.materials.map { CaseField.material + $0.id } ?? [])
        return (known.firstIndex(of: field) ?? known.count, field)
    }

    private var conflicts: [View] {
        file.record.conflicts.map { conflict in
            [
                "conflictLabel": file.label(conflict.field, text),
                "conflictChosen": file.value(conflict.chosen, of: conflict.field, text),
                "conflictOthers": conflict.others.map { file.value($0, of: conflict.field, text) },
            ]
        }
    }

    /// Requests and proposals that wait for the holder.
    private var open: [View] {
        file.questions.map { entry in
            var view = act(entry)
            view["waitsFor"] = text("case.waitsFor", file.row.holder.map(file.name) ?? text["case.nobody"])
            return view
        }
    }

    private var trace: [View] { file.record.trace(file.brackets).map(act) }

    /// One act, with what it came to and why.
    private func act(_ entry: RecordHistory.Entry) -> View {
        let body = try? CaseBody(entry.changeSet.body)
        let status = file.record.state.status[entry.placed.leaf.leaf]
        let unit = file.record.authors[entry.placed.place.author]?.unit
        let isAccept = CaseAction(kind: entry.changeSet.kind) == .accept
        // What an acceptance that counts wrote stands among the case's fields.
        let writes = isAccept && status?.isOpen != true ? [] : body?.writes ?? []
        let target = entry.changeSet.target.map { text("case.to", file.name($0)) }
        let doubt = body.flatMap { file.brackets[entry.placed.leaf.leaf]?.doubt(of: $0.day) }
        return [
            "actName": CaseFile.action(entry.changeSet.kind, text), "actTarget": target,
            "actUnit": unit.map(file.name), "actClerk": entry.changeSet.actor,
            "actDay": body.map { CivilDay.text($0.day) }, "actTime": CivilTime.text(entry.changeSet.time),
            "actStatus": CaseFile.status(status, text), "actText": body?.text,
            "actMissing": body?.missing ?? [], "dayDoubt": doubt.map { ErrorText.words($0, in: text.language) },
            "actWrites": writes.map { write -> View in
                [
                    "writeLabel": file.label(write.field, text),
                    "writeValue": file.value(write.value, of: write.field, text),
                ]
            },
            "isDone": status == .effective || status == .merged || status == .admitted,
            "isWaiting": status?.isOpen == true || Self.isPending(status),
        ]
    }

    private static func isPending(_ status: Status?) -> Bool {
        if case .pending = status { true } else { false }
    }

    private var stations: [View] {
        let route = file.route
        return route.enumerated().map { index, unit in
            let part = index == 0 ? "route.accepts" : index == route.count - 1 ? "route.decides" : "route.reviews"
            return ["stationName": file.name(unit), "stationPart": text[part], "isHere": unit == file.row.holder]
        }
    }

    /// Day by day what was counted, up to the end of the promise or, where that has not come, to today.
    private var ledger: [View] {
        guard let clock = file.record.clock(file.rules) else { return [] }
        let last = file.row.decidedDay ?? file.row.closedDay ?? file.row.times.promised?.due?.dayNumber ?? now.day
        let end = CivilDate(dayNumber: last) ?? clock.start
        guard end.days(since: clock.start) <= PageLimits.ledgerDays,
            let ledger = try? DayLedger(clock.count, from: clock.start, through: end)
        else { return [] }
        return ledger.days.map { day in
            [
                "ledgerDay": day.date.description, "ledgerWeekday": text["weekday.\(day.date.weekday.rawValue)"],
                "ledgerWords": words(day.standing), "ledgerUsed": day.standing.isCounted ? "\(day.used)" : nil,
                "isCounted": day.standing.isCounted, "isToday": day.date.dayNumber == now.day,
            ]
        }
    }

    private func words(_ standing: DayLedger.Standing) -> String {
        switch standing {
        case .start: text["ledger.start"]
        case .suspended: text["ledger.suspended"]
        case .calendar(.workday): text["ledger.workday"]
        case .calendar(.workedWeekend(let name)): text("ledger.workedWeekend", name)
        case .calendar(.weekend): text["ledger.weekend"]
        case .calendar(.holiday(let name)): text("ledger.holiday", name)
        }
    }
}

/// A case as lists and heads show it.
struct CaseLineView {
    let row: ServiceCaseRow
    let topology: Topology
    let text: PageText
    /// Today, as far as this machine's clock can say it.
    let day: Int32

    var view: View {
        let isOpen = row.closedDay == nil
        let promised = row.times.promised?.due?.dayNumber
        // As the wall counts it: by the promise or, where none was made, by law, and not while the clock stands still.
        let last = row.phase == .correcting ? nil : promised ?? row.times.statutory?.due?.dayNumber
        return [
            "receipt": row.receipt, "caseItem": row.promise.itemName, "applicant": row.applicant,
            "acceptedDay": CivilDay.text(row.acceptedDay), "phase": row.phase.map { text.word("phase", $0.rawValue) },
            "phaseClass": row.phase?.rawValue ?? "none", "holder": text.unit(row.holder, topology),
            "due": isOpen ? text.day(promised) : nil, "isLate": isOpen && last.map { $0 < day } ?? false,
            "conflictMark": row.conflicts > 0 ? text("mark.conflicts", "\(row.conflicts)") : nil,
            "requestMark": row.requests > 0 ? text("mark.requests", "\(row.requests)") : nil,
            "pendingMark": row.pending > 0 ? text("mark.pending", "\(row.pending)") : nil,
        ]
    }
}
