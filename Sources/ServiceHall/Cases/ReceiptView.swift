import Replica
import ServiceModel
import SyncNode

/// What a receipt's page says above it.
enum ReceiptNote: String {
    case new
    /// The same form had been sent before.
    case again
}

/// What stands on the paper that the applicant takes home.
struct ReceiptView {
    let file: CaseFile
    let text: PageText
    let now: Moment

    var view: View {
        let row = file.row
        let place = file.place
        let materials = file.materials
        let (later, here) = (materials.filter { isDeferred($0.value) }, materials.filter { !isDeferred($0.value) })
        return [
            "isCases": true, "receipt": row.receipt, "caseItem": row.promise.itemName, "applicant": row.applicant,
            "acceptedDay": CivilDay.text(row.acceptedDay), "acceptedBy": file.name(row.acceptedBy),
            "acceptedClerk": file.clerk, "department": row.promise.department,
            "promisedDue": promised, "promisedLimit": text.limit(row.promise.promised),
            "handedIn": here.map { line($0.key, certificate($0.value)) },
            "toFollow": later.map { line($0.key, file.value($0.value, of: $0.key, text)) },
            "askPhone": place.phone, "askWindow": place.window, "askHours": place.hours,
            // A paper does not say a time that is in doubt.
            "printed": file.clock.needsDay ? nil : CivilTime.text(now.seconds),
        ]
    }

    /// The last day, "at once" for what is done on the spot; nothing where nothing was promised.
    private var promised: String? {
        let promise = file.row.promise
        if promise.instant { return text["limit.instant"] }
        guard promise.promised != nil else { return nil }
        return file.row.times.promised?.due?.description ?? text["case.clockStands"]
    }

    private func isDeferred(_ value: String) -> Bool {
        if case .deferred = MaterialStatus(value) { true } else { false }
    }

    private func certificate(_ value: String) -> String? {
        if case .certificate(let kind) = MaterialStatus(value) { text("material.certificate", kind) } else { nil }
    }

    private func line(_ field: String, _ remark: String?) -> View {
        ["paperName": file.label(field, text), "paperRemark": remark]
    }
}
