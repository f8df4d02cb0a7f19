import ServiceModel
import Testing

@Suite struct CatalogOverrideTests {
    static let id = CatalogItemID(author: CatalogSamples.author(CatalogSamples.county).id, sequence: 9)

    private static func days(_ count: UInt32, _ unit: TimeLimit.Unit = .workingDays) -> TimeLimit {
        TimeLimit(count: count, unit: unit)
    }

    @Test func placeIsReplacedWhereItIsGiven() {
        let item = CatalogSamples.item()
        let out = item.applying(CatalogOverride(item: Self.id, place: ServicePlace(phone: "0540-3300111")))
        #expect(out.place == ServicePlace(window: "3号窗口", phone: "0540-3300111", hours: "工作日"))
        var expected = item
        expected.place = out.place
        #expect(out == expected)
    }

    @Test(arguments: [
        (days(6), days(6), []), (days(7), days(7), []), (days(8), days(7), [CatalogProblem.promiseLonger]),
        (days(9, .days), days(9, .days), []), (days(10, .days), days(7), [.promiseLonger]),
        (days(1, .months), days(7), [.promiseLonger]), (days(0), days(7), [.limitRange("promised")]),
    ])
    func onlyAShorterPromise(promised: TimeLimit, kept: TimeLimit, problems: [CatalogProblem]) {
        let override = CatalogOverride(item: Self.id, promised: promised)
        #expect(CatalogSamples.item().applying(override).promised == kept)
        #expect(override.validate(on: CatalogSamples.item()) == problems)
    }

    @Test func withoutAPromiseTheStatutoryLimitBounds() {
        let item = CatalogSamples.item { $0.promised = nil }
        #expect(item.applying(CatalogOverride(item: Self.id, promised: Self.days(20))).promised == Self.days(20))
        #expect(item.applying(CatalogOverride(item: Self.id, promised: Self.days(21))).promised == nil)
        let open = CatalogSamples.item { ($0.promised, $0.statutory) = (nil, nil) }
        #expect(open.applying(CatalogOverride(item: Self.id, promised: Self.days(21))).promised == Self.days(21))
    }

    @Test func fromAboveToBelow() {
        let above = CatalogOverride(item: Self.id, place: ServicePlace(window: "县", phone: "1"), promised: Self.days(5))
        let below = CatalogOverride(item: Self.id, place: ServicePlace(window: "镇"), promised: Self.days(6))
        let out = CatalogSamples.item().applying([above, below])
        #expect(out.place == ServicePlace(window: "镇", phone: "1", hours: "工作日"))
        #expect(out.promised == Self.days(5))
        #expect(out.promise.promised == Self.days(5))
    }

    @Test func atOnceStaysAtOnce() {
        let item = CatalogSamples.item { ($0.instant, $0.promised) = (true, TimeLimit(count: 1, unit: .workingDays)) }
        #expect(item.applying(CatalogOverride(item: Self.id, promised: Self.days(0))).promised == Self.days(0))
        #expect(item.applying(CatalogOverride(item: Self.id, promised: Self.days(2))).promised == Self.days(1))
    }

    @Test func bounds() {
        #expect(CatalogOverride(item: Self.id).validate(on: CatalogSamples.item()) == [.emptyOverride])
        let long = CatalogOverride(
            item: Self.id, place: ServicePlace(hours: String(repeating: "时", count: 86)))
        #expect(long.validate(on: CatalogSamples.item()) == [.tooLong("place.hours", most: 256)])
    }

    @Test(arguments: [
        (5, TimeLimit.Unit.workingDays, 7, TimeLimit.Unit.days, false), (6, .workingDays, 7, .days, true),
        (7, .days, 5, .workingDays, false), (8, .days, 5, .workingDays, true), (1, .months, 30, .days, false),
        (31, .days, 1, .months, true), (22, .workingDays, 1, .months, true), (21, .workingDays, 1, .months, false),
        (3, .months, 2, .months, true), (10_000, .months, 10_000, .workingDays, true),
    ])
    func lengths(count: UInt32, unit: TimeLimit.Unit, than other: UInt32, in otherUnit: TimeLimit.Unit, longer: Bool) {
        #expect(Self.days(count, unit).isLonger(than: Self.days(other, otherUnit)) == longer)
    }
}
