import Foundation

/// The place that is measured: a city, a county, a town, a village, and a catalog of its own that no dictionary has
/// seen.
enum BenchTown {
    static let city = "8801"
    static let county = "880103"
    static let town = "880103007"
    static let village = "880103007015"
    static let path = [city, county, town, village]

    static let topology = """
        tiers: [city, county, town, village]
        units:
          - {code: "\(city)", name: 云栖市, tier: city}
          - {code: "\(county)", name: 白石县, tier: county, parent: "\(city)"}
          - {code: "\(town)", name: 芦溪镇, tier: town, parent: "\(county)"}
          - {code: "\(village)", name: 上塘村, tier: village, parent: "\(town)"}

        """

    /// An item: its code, its name, and what its form asks for besides what every form does.
    struct Item {
        let code: String
        let name: String
        let office: String
        let kind: String
        let promised: Int
        let statutory: Int
        let materials: [(id: String, name: String)]
    }

    static let items: [Item] = [
        ("村民宅基地翻建审查", "白石县国土规划所", "行政许可", "house", "plan"),
        ("渔船登记变更", "白石县渔政站", "行政确认", "vessel", "survey"),
        ("古树名木移栽报批", "白石县园林处", "行政许可", "site", "photo"),
        ("灌溉机井开凿核准", "白石县水务站", "行政许可", "well", "geology"),
        ("养蜂补助申领", "白石县畜牧站", "行政给付", "hive", "account"),
        ("独居老人助餐登记", "白石县老龄办", "行政给付", "kin", "health"),
        ("农机购置贴息申请", "白石县农机站", "行政给付", "invoice", "engine"),
        ("学前幼儿入园摸底", "白石县教体办", "公共服务", "birth", "vaccine"),
        ("乡村客运线路加密", "白石县运管所", "行政许可", "route", "vehicle"),
        ("文化大院场地借用", "白石县文旅办", "公共服务", "event", "safety"),
    ].enumerated().map { index, row in
        Item(
            code: "1188010300000000\(index)A4500\(10 + index)0\(10 + index)00000", name: row.0, office: row.1,
            kind: row.2, promised: 3 + index, statutory: 15 + index,
            materials: [(row.3, "\(row.0)表"), (row.4, "\(row.0)佐证")])
    }

    static func catalog() throws -> Data {
        let rows: [[String: Any]] = items.map { item in
            [
                "code": item.code, "name": item.name, "kind": item.kind, "department": ["name": item.office],
                "acceptedBy": ["village", "town"], "decidedBy": "county", "route": ["village", "town", "county"],
                "materials": item.materials.map { ["id": $0.id, "name": $0.name, "forms": ["original"]] },
                "form": [
                    ["name": "purpose", "label": "用途", "required": true, "maxLength": 200],
                    ["name": "size", "label": "规模", "required": true],
                    ["name": "spot", "label": "地点", "required": true],
                ],
                "statutory": "\(item.statutory)个工作日", "promised": "\(item.promised)个工作日", "fee": "不收费",
            ]
        }
        return try JSONSerialization.data(withJSONObject: rows, options: [.sortedKeys, .withoutEscapingSlashes])
    }
}
