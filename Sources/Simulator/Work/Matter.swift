import ChangeSet
import ServiceModel

/// What a made-up citizen comes for, and by which way. By the number of the case and not drawn, so that there are some
/// of each in every city.
struct Matter {
    let promise: Promise
    let channel: Channel

    /// What tests ask for that care for none in particular.
    static let usual = Matter(number: 0)

    init(number: Int) {
        promise = Self.promises[number % Self.promises.count]
        // Not in step with the items.
        channel = Self.channels[number / Self.promises.count % Self.channels.count]
    }

    private static let channels: [Channel] = [.counter, .online, .phone, .machine]

    private static let promises = [
        Promise(
            item: "370105001", itemName: "临时救助金给付", version: 1, department: "民政局", itemKind: "05",
            statutory: TimeLimit(count: 20, unit: .workingDays), promised: TimeLimit(count: 5, unit: .workingDays),
            instant: false),
        Promise(
            item: "370120002", itemName: "灵活就业登记", version: 3, department: "人力资源和社会保障局", itemKind: "20",
            statutory: nil, promised: nil, instant: true),
        Promise(
            item: "370101003", itemName: "乡村建设规划许可", version: 2, department: "自然资源和规划局", itemKind: "01",
            statutory: TimeLimit(count: 1, unit: .months), promised: TimeLimit(count: 10, unit: .days),
            instant: false),
        Promise(
            item: "370107004", itemName: "老年人优待证", version: 1, department: "民政局", itemKind: "07",
            statutory: nil, promised: TimeLimit(count: 3, unit: .workingDays), instant: false),
    ]
}
