import Foundation

/// A case with five further actions: what the village books, and what a plain program would keep of the same.
struct BenchCase {
    struct Action {
        let name: String
        let day: String
        let clerk: String
        var text = ""
        var target: String?
        var missing: [String] = []
        var fields: [String: String] = [:]
    }

    let number: Int
    let item: BenchTown.Item
    let day: String
    let clerk: String
    let fields: [String: String]
    let materials: [String]
    let actions: [Action]

    private static let surnames = ["欧", "臧", "苗", "翟", "邬", "骆", "庞", "瞿", "莘", "阚", "滕", "乐", "沙", "柏"]
    private static let given = "沛霖若溪砚秋书瑶庭轩岚松杉朗彦锦芷汀岳洵珺禾黎晗煦"
    private static let lanes = ["柳荫", "石桥", "后坡", "东渡", "南圩", "竹园", "窑湾", "祠堂", "井头", "樟树"]
    private static let purposes = ["老屋漏雨重修", "添置一条七米木船", "让出进村道路", "旱季给茶园供水", "越冬换箱", "腿脚不便无人做饭", "春耕前换新机具"]
    private static let remarks = ["电话里说周五再来", "已与组长核对", "家中老人代为签收", "照片看不清，另拍", "邻里无异议", "现场量过，与表相符"]

    /// - Parameter isAlone: nothing further is done to it.
    init(number: Int, random: inout SplitMix, isAlone: Bool = false) {
        self.number = number
        item = random.pick(BenchTown.items)
        day = String(format: "2026-03-%02d", 2 + number / 40 % 26)
        clerk = random.pick(["沈禾", "陆川"])
        let letters = Array(Self.given)
        let name = random.pick(Self.surnames) + "\(random.pick(letters))\(random.pick(letters))"
        let phone = "1\(random.pick([7, 8, 9]))\(random.digits(9))"
        fields = [
            "applicant.name": name, "applicant.phone": phone,
            "applicant.address": "上塘村\(random.pick(Self.lanes))巷\(1 + random.below(300))号",
            "form.purpose": random.pick(Self.purposes) + random.digits(2),
            "form.size": "\(5 + random.below(400))", "form.spot": "\(random.pick(Self.lanes))\(random.below(90))号地块",
        ]
        materials = item.materials.map(\.id)
        let later = String(format: "2026-03-%02d", min(31, 4 + number / 40 % 26))
        let further = [
            Action(
                name: "correct", day: day, clerk: clerk, text: random.pick(Self.remarks),
                missing: ["\(item.materials[1].name)第\(1 + random.below(9))页"]),
            Action(name: "supplement", day: later, clerk: clerk, text: random.pick(Self.remarks)),
            Action(
                name: "amend", day: later, clerk: clerk,
                fields: ["applicant.phone": "1\(random.pick([7, 8, 9]))\(random.digits(9))"]),
            Action(
                name: "note", day: later, clerk: clerk,
                fields: ["note.visit": random.pick(Self.remarks) + random.digits(3)]),
            Action(
                name: "forward", day: later, clerk: clerk, text: random.pick(Self.remarks), target: BenchTown.town),
        ]
        actions = isAlone ? [] : further
    }

    static func make(_ count: Int, seed: UInt64) -> [BenchCase] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { BenchCase(number: $0, random: &random) }
    }

    /// A line for `terrace case import`.
    var line: Data {
        get throws {
            let object: [String: Any] = [
                "id": "bench-\(number)", "item": item.code, "day": day, "actor": clerk, "channel": "counter",
                "fields": fields, "materials": materials,
                "actions": actions.map { action in
                    var out: [String: Any] = ["action": action.name, "day": action.day, "actor": action.clerk]
                    if !action.text.isEmpty { out["text"] = action.text }
                    if !action.missing.isEmpty { out["missing"] = action.missing }
                    if !action.fields.isEmpty { out["fields"] = action.fields }
                    if let target = action.target { out["target"] = target }
                    return out
                },
            ]
            return try Self.json(object)
        }
    }

    static func json(_ object: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    }
}
