import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

@Suite struct SearchTests {
    private static let names = [
        "临时救助金给付", "临时用地审批", "最低生活保障金给付", "食品小作坊登记", "企业设立登记（营业执照核发）", "企业变更登记", "救助",
        "户口登记", "补领营业执照",
    ]

    private func catalog() throws -> Town {
        let town = try Town(["C", "K"])
        for (index, name) in Self.names.enumerated() {
            try town["C"].publish(
                Town.Node.item("JZ-0\(index)") {
                    $0.name = name
                    $0.aliases = index == 4 ? ["办执照", "登记"] : []
                    $0.tags = index == 3 ? ["豆腐坊"] : []
                    $0.lifeEvents = index == 7 ? ["出生"] : []
                    $0.department.name = index == 7 ? "公安局" : "民政局"
                })
        }
        try town.exchange("C", "K")
        return town
    }

    @Test func itemsAreFoundByTwoCharactersAndByOne() throws {
        let node = try catalog()["K"]
        let table: [(String, [String])] = [
            // Just the name first, then names that begin with it, names that contain it.
            ("救助", ["JZ-06", "JZ-00"]),
            ("临时", ["JZ-01", "JZ-00"]),
            ("临时救助", ["JZ-00"]),
            // An alias that is just it goes before names that contain it.
            ("登记", ["JZ-04", "JZ-07", "JZ-05", "JZ-03"]),
            ("坊", ["JZ-03"]),
            ("付", ["JZ-00", "JZ-02"]),
            ("豆腐", ["JZ-03"]),
            ("出生", ["JZ-07"]),
            ("公安", ["JZ-07"]),
            ("公安局 户口", ["JZ-07"]),
            ("jz-06", ["JZ-06"]),
            ("JZ-06", ["JZ-06"]),
            ("营业执照", ["JZ-08", "JZ-04"]),
            ("给付金", ["JZ-00", "JZ-02"]),
            ("火葬", []),
            ("", []),
            ("，", []),
        ]
        for (text, codes) in table {
            #expect(try node.found(catalog: text) == codes, "\(text)")
        }
        // A sentence finds what has most of it.
        #expect(try node.found(catalog: "我想办理营业执照").first == "JZ-08")
        #expect(try node.found(catalog: "我想办理营业执照").contains("JZ-04"))
    }

    @Test func anItemIsFoundAsItIsNowAndNotAsItWas() throws {
        let town = try catalog()
        let id = try #require(try town["C"].items().first { $0.code == "JZ-03" }?.id)
        try town["C"].write(
            .revise(Town.Node.item("JZ-03") { ($0.version, $0.name, $0.tags) = (2, "小餐饮登记", []) }), on: id)
        try town.exchange("C", "K")
        for name in ["C", "K"] {
            #expect(try town[name].found(catalog: "小餐饮") == ["JZ-03"], "\(name)")
            #expect(try town[name].found(catalog: "豆腐").isEmpty, "\(name)")
            #expect(try town[name].found(catalog: "作坊").isEmpty, "\(name)")
        }
    }

    @Test func casesAreFoundByNameReceiptPhoneAndItem() throws {
        let town = try Town(["C", "K"])
        var places: [Place] = []
        for (number, name) in ["王小明", "王明", "李𫠠", "阿依古丽·买买提", "滨湖市云川豆制品有限公司", "王明远"].enumerated() {
            places.append(try town["K"].accept(name, route: ["C"], number: 101 + number))
        }
        try town["K"].act(.amend, on: places[1], writes: [CaseField.applicantPhone: "13955557788"])
        try town.exchange("C", "K")
        let table: [(String, [String])] = [
            ("王小", ["K-101"]),
            ("小明", ["K-101"]),
            // Just the name, then the latest.
            ("王明", ["K-102", "K-106"]),
            ("王", ["K-106", "K-102", "K-101"]),
            ("𫠠", ["K-103"]),
            ("古丽", ["K-104"]),
            ("买买提", ["K-104"]),
            ("豆制品", ["K-105"]),
            ("云川 公司", ["K-105"]),
            ("105", ["K-105"]),
            ("k-105", ["K-105"]),
            ("13955557788", ["K-102"]),
            ("1395555", ["K-102"]),
            ("7788", ["K-102"]),
            ("临时救助 李", ["K-103"]),
            ("救助", ["K-106", "K-105", "K-104", "K-103", "K-102", "K-101"]),
            ("赵", []),
            ("王赵", []),
            ("\" OR 1", []),
        ]
        for name in ["C", "K"] {
            for (text, receipts) in table {
                #expect(try town[name].found(text) == receipts, "\(name) \(text)")
            }
            // The number that was amended is not found by what it was.
            #expect(try !town[name].found("13900000000").contains("K-102"), "\(name)")
        }
    }

    /// Whatever a field holds, the stored row tells the terms by which it was put into the index.
    @Test func oddTextsLeaveTheIndexWhole() throws {
        let town = try Town(["C", "K"])
        for (number, text) in ["王\u{0}明", "\u{0}", "  ", "\"引号\"", "a\u{301}é", "👨‍👩‍👧‍👦李", "\u{FEFF}赵"].enumerated() {
            let place = try town["K"].accept(text, route: ["C"], number: number)
            try town["K"].act(.amend, on: place, writes: [CaseField.applicantPhone: text])
            try town["K"].act(.amend, on: place, writes: [CaseField.applicantPhone: "13800000000"])
        }
        try town.exchange("C", "K")
        for name in ["C", "K"] {
            #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
            #expect(try town[name].found("138").count == 7)
        }
    }

    @Test func anySQLiteReadsTheIndex() throws {
        let town = try catalog()
        try town["K"].accept("王小明", number: 7)
        let file = town.folder.appending(path: "K.sqlite").path
        let (receipts, codes) = try DatabaseQueue(path: file).read { db in
            (
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT receipt FROM case_search JOIN service_case ON record = case_search.rowid
                        WHERE case_search MATCH '小明'
                        """),
                try String.fetchAll(
                    db, sql: "SELECT code FROM catalog_item WHERE record IN (SELECT rowid FROM catalog_search('豆腐'))")
            )
        }
        #expect(receipts == ["K-7"] && codes == ["JZ-03"])
    }
}

extension Town.Node {
    /// Codes of the items that a search finds, the best first.
    func found(catalog text: String) throws -> [String] { try items { $0.text = SearchQuery(text) }.map(\.code) }
}
