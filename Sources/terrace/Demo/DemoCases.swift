import Foundation

/// The made-up citizens of the demo, who all ask for one item of the project's own catalog.
enum DemoCases {
    /// 食品小作坊登记: accepted in a village, decided in the county.
    static let item = "1137990200890101454371000121000"
    static let materials = ["application", "idCard", "premises", "health"]

    private static let surnames = ["王", "李", "张", "刘", "陈", "杨", "赵", "孙", "周", "吴", "徐", "马"]
    private static let given = ["建国", "秀英", "桂兰", "志强", "海燕", "玉梅", "长河", "晓东", "春霞", "立新", "卫民"]

    static func fields(of name: String, number: Int) -> [String: String] {
        [
            "applicant.name": name, "applicant.phone": "139\(String(format: "%08d", 10_000_000 + number))",
            "form.applicantName": name, "form.idNumber": "371602190101010014",
            "form.phone": "139\(String(format: "%08d", 10_000_000 + number))", "form.shopName": "\(name)豆腐坊",
            "form.site": "滨湖市某村\(number)号", "form.products": "豆腐、豆浆",
        ]
    }

    /// The words of `terrace case accept`.
    static func acceptance(of name: String) -> [String] {
        ["case", "accept", "--item", item, "--actor", "c01"]
            + fields(of: name, number: 0).sorted { $0.key < $1.key }.flatMap { ["--field", "\($0.key)=\($0.value)"] }
            + materials.flatMap { ["--material", $0] }
    }

    /// A line for `terrace case import`.
    static func line(number: Int) throws -> String {
        struct Line: Encodable {
            let id: String
            let item: String
            let actor: String
            let fields: [String: String]
            let materials: [String]
        }
        let name = surnames[number % surnames.count] + given[number / surnames.count % given.count]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let line = Line(
            id: "offline-\(number)", item: item, actor: "c01", fields: fields(of: name, number: number),
            materials: materials)
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    /// The receipt in an answer of `terrace case import --format json`.
    static func receipt(inAnswer text: String) -> String? {
        struct Answer: Decodable {
            let receipt: String?
        }
        return (try? JSONDecoder().decode(Answer.self, from: Data(text.utf8)))?.receipt
    }
}
