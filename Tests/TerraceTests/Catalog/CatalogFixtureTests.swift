import Foundation
import ServiceModel
import Testing

@testable import ChangeSet
@testable import terrace

/// The project's own items: sound, varied, and unchanged by their bytes.
@Suite struct CatalogFixtureTests {
    @Test func everyItemIsSound() throws {
        let items = try CatalogFiles.items("items.json")
        #expect(items.count >= 60)
        #expect(Set(items.map(\.code)).count == items.count)
        for item in items {
            #expect(item.validate() == [])
            #expect(CreditCode.check(item.department.creditCode) == [], "\(item.name)")
        }
    }

    @Test func theyCoverWhatTheNetworkDoes() throws {
        let items = try CatalogFiles.items("items.json")
        #expect(Set(items.map(\.kind)) == Set(ItemKind.allCases))
        #expect(Set(items.map(\.list)) == Set(ItemList.allCases))
        for rank in 0...3 {
            #expect(items.contains { $0.decider == .tier(rank) })
            #expect(items.contains { $0.accepting.tiers.contains(rank) })
        }
        #expect(items.contains { $0.decider == .beyond })
        #expect(items.contains { if case .unit = $0.decider { true } else { false } })
        #expect(Set(items.flatMap { $0.form.map(\.kind) }) == Set(FormField.Kind.allCases))
        #expect(Set(items.flatMap { $0.materials.map(\.need) }) == Set(ItemMaterial.Need.allCases))
        #expect(items.filter(\.instant).count >= 10 && items.filter { !$0.instant }.count >= 40)
        for unit in TimeLimit.Unit.allCases { #expect(items.contains { $0.statutory?.unit == unit }) }
    }

    @Test func companyRegistrationIsOneTheme() throws {
        let theme = try CatalogFiles.items("items.json").filter { $0.tags.contains("多证联办：企业开办") }
        #expect(theme.map(\.result) == ["营业执照", "组织机构代码证", "税务登记证", "印章准刻备案证明"])
        let days = theme.compactMap { $0.promised?.count }
        #expect(days.count == 4 && days.allSatisfy { $0 <= 3 })
    }

    @Test func everyItemComesBackFromItsBytes() throws {
        let items = try CatalogFiles.items("items.json")
        var sizes: [Int] = []
        for item in items {
            let bytes = try CatalogBody(.publish(item)).bytes
            #expect(try CatalogBody(.publish, bytes).act == .publish(item))
            sizes.append(bytes.count)
        }
        let average = sizes.reduce(0, +) / max(1, sizes.count)
        print("catalog fixture: \(sizes.count) items, \(average) bytes on average, \(sizes.max() ?? 0) at most")
        #expect(average < 1500)
    }
}
