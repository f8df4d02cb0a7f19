/// What a service item is in law, by the number of the national catalog of government services.
package enum ItemKind: UInt32, CaseIterable, Sendable {
    case permission = 1
    case penalty = 2
    case compulsion = 3
    case levy = 4
    case benefit = 5
    case inspection = 6
    case confirmation = 7
    case reward = 8
    case ruling = 9
    case otherPower = 10
    case publicService = 20

    /// Two digits, as codes and promises write it: `01`, `20`.
    package var code: String { rawValue < 10 ? "0\(rawValue)" : "\(rawValue)" }

    package var name: String {
        switch self {
        case .permission: "行政许可"
        case .penalty: "行政处罚"
        case .compulsion: "行政强制"
        case .levy: "行政征收"
        case .benefit: "行政给付"
        case .inspection: "行政检查"
        case .confirmation: "行政确认"
        case .reward: "行政奖励"
        case .ruling: "行政裁决"
        case .otherPower: "其他行政权力"
        case .publicService: "公共服务"
        }
    }

    /// By its two digits; nil for any other text.
    package init?(code: String) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }

    /// By its Chinese name or its two digits; nil for any other text.
    package init?(named text: String) {
        guard let found = Self.allCases.first(where: { $0.name == text || $0.code == text }) else { return nil }
        self = found
    }

    /// The list on which items of this kind stand where nothing else is said.
    package var usualList: ItemList {
        switch self {
        case .permission: .approvals
        case .publicService: .publicServices
        default: .powers
        }
    }
}

/// The published list on which an item stands.
package enum ItemList: UInt32, CaseIterable, Sendable {
    case approvals = 1
    case powers = 2
    case responsibilities = 3
    case marketAccess = 4
    case publicServices = 5

    package var name: String {
        switch self {
        case .approvals: "行政审批事项清单"
        case .powers: "行政权力清单"
        case .responsibilities: "责任清单"
        case .marketAccess: "市场准入负面清单"
        case .publicServices: "公共服务事项清单"
        }
    }

    /// By its Chinese name; nil for any other text.
    package init?(named text: String) {
        guard let found = Self.allCases.first(where: { $0.name == text }) else { return nil }
        self = found
    }
}
