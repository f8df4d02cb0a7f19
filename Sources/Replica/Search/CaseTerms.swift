import GRDB
import ServiceModel

/// The texts of a case by which it is found.
struct CaseTerms: Hashable {
    let applicant: String
    let receipt: String
    let itemName: String
    let phone: String

    /// Each once, sorted.
    var terms: [String] { SearchText.terms(of: [applicant, receipt, itemName], numbers: [phone]) }
}

extension CaseTerms {
    init(_ row: ServiceCaseRow) {
        applicant = row.applicant
        receipt = row.receipt
        itemName = row.promise.itemName
        phone = row.fields[CaseField.applicantPhone] ?? ""
    }

    /// As the stored row has them; nil where there is none, or where the disk has changed it: then a rebuild makes the
    /// index again.
    init?(_ db: Database, record: Int64) throws {
        let find = try db.cachedStatement(
            sql: """
                SELECT applicant, receipt, item_name, 
                    iif(json_valid(fields), json_extract(fields, '$."\(CaseField.applicantPhone)"'), NULL)
                FROM service_case WHERE record = ?
                """)
        guard let row = try Row.fetchOne(find, arguments: [record]), let applicant: String = try? row[0],
            let receipt: String = try? row[1], let itemName: String = try? row[2]
        else { return nil }
        self.applicant = applicant
        self.receipt = receipt
        self.itemName = itemName
        phone = (try? row[3]) ?? ""
    }
}

extension Transaction {
    /// Writes what a case comes to where it is listed and where it is searched for; nil takes it out.
    /// - Parameter isNew: nothing of it is written yet.
    func write(_ row: ServiceCaseRow?, of record: Int64, isNew: Bool) throws {
        let before = isNew ? nil : try CaseTerms(db, record: record)
        let after = row.map(CaseTerms.init)
        if let row {
            try row.write(db)
        } else {
            try db.execute(sql: "DELETE FROM service_case WHERE record = ?", arguments: [record])
        }
        try SearchIndex.cases.replace(before?.terms ?? [], by: after?.terms ?? [], of: record, in: db)
    }
}
