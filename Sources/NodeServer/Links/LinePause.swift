import ServiceModel
import SyncNode

/// Why the line upward is not used although nothing is wrong with it.
package enum LinePause: CodedError, Hashable {
    /// Outside the hours in which it may be used.
    case hours(LineHours)
    /// The node above has its hands full; seconds after which it is tried again.
    case busy(Int64)

    /// Stable code.
    package var code: String {
        switch self {
        case .hours: LineState.hoursCode
        case .busy: LineState.busyCode
        }
    }

    /// Seconds for which a node above is believed that it is busy.
    static let longest: Int64 = 300

    package var words: Words {
        switch self {
        case .busy(let seconds):
            Words(
                "the node above is busy: it is tried again in \(seconds) s", "上级正忙：\(seconds)秒后再试")
        case .hours(let hours):
            Words(
                "the line is used at \(hours) only, as this node is set up; what waits goes then",
                "按本节点的设置，线路只在\(hours)使用，待上报的内容届时送出")
        }
    }
}
