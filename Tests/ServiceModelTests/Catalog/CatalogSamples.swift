import ServiceModel

/// Items and units that the catalog's tests begin from.
enum CatalogSamples {
    static let root = unit("3799"), branch = unit("3799B1"), county = unit("379902"), otherCounty = unit("379921")
    static let town = unit("379902100"), village = unit("379902100200"), community = unit("379902C1")

    /// A city with a branch centre, two counties, and in one a town with a village and a community under no town.
    static let topology = Topology([
        UnitEntry(code: root, name: "市中心", tier: 0, parent: nil),
        UnitEntry(code: branch, name: "公安分中心", tier: 1, parent: root, kind: .branch),
        UnitEntry(code: county, name: "区中心", tier: 1, parent: root),
        UnitEntry(code: otherCounty, name: "县中心", tier: 1, parent: root),
        UnitEntry(code: town, name: "镇", tier: 2, parent: county),
        UnitEntry(code: village, name: "村", tier: 3, parent: town),
        UnitEntry(code: community, name: "社区", tier: 3, parent: county),
    ])

    /// A sound item with something in every part.
    static func item(_ change: (inout CatalogItem) -> Void = { _ in }) -> CatalogItem {
        var item = CatalogItem(
            code: "BH-001", name: "食品小作坊登记", kind: .otherPower,
            department: ItemDepartment(name: "市场监督管理局", unit: county, creditCode: "11371602900000022K"),
            accepting: ItemAcceptance(tiers: [3, 2, 1]), decider: .tier(1), route: [3, 2, 1])
        item.aliases = ["豆腐坊登记"]
        item.tags = ["食品"]
        item.lifeEvents = ["开办企业"]
        item.basis = ["《食品安全法》"]
        item.materials = [
            ItemMaterial(id: "application", name: "申请表"),
            ItemMaterial(id: "idCard", name: "身份证", forms: [.original, .copy], copies: 2, standIns: ["电子身份证"]),
            ItemMaterial(id: "health", name: "健康证明", need: .deferrable, forms: [.copy], copies: 1),
            ItemMaterial(id: "mandate", name: "委托书", need: .whereApplicable),
        ]
        item.form = [
            FormField(name: "applicant", label: "申请人", required: true, shortest: 2, longest: 30),
            FormField(name: "idNumber", label: "身份证号码", kind: .idNumber, required: true),
            FormField(name: "credit", label: "信用代码", kind: .creditCode),
            FormField(name: "phone", label: "电话", kind: .phone),
            FormField(name: "scale", label: "规模", kind: .choice, choices: ["大", "小"]),
            FormField(name: "area", label: "面积", kind: .number),
            FormField(name: "opened", label: "开业日", kind: .date),
            FormField(name: "plate", label: "车牌", pattern: "鲁[A-Z][A-Z0-9]{5}", help: "以鲁开头"),
        ]
        item.statutory = TimeLimit(count: 20, unit: .workingDays)
        item.promised = TimeLimit(count: 7, unit: .workingDays)
        item.fee = "不收费"
        item.result = "登记证"
        item.from = 16_000
        item.until = 20_000
        item.place = ServicePlace(window: "3号窗口", phone: "0540-2100101", hours: "工作日")
        item.note = "现场核查另行告知。\n不计入时限。"
        change(&item)
        return item
    }

    static func author(_ unit: UnitCode, enrollment: UInt32 = 1, depth: UInt32 = 0) -> Author {
        let name = unit.text.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
        return Author(
            id: AuthorID(Bytes16(high: name, low: UInt64(enrollment) << 32 | UInt64(depth))), unit: unit,
            enrollment: enrollment, depth: depth)
    }

    private static func unit(_ text: String) -> UnitCode {
        guard let code = UnitCode(text) else { preconditionFailure("no unit code: \(text)") }
        return code
    }
}
