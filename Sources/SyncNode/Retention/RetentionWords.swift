import Replica
import ServiceModel

extension RetentionObstacle {
    /// Why closed cases stay, for people.
    /// - Parameter livesBySticks: whether a courier is the way up, who brings no word of backups above.
    package func words(livesBySticks: Bool) -> Words {
        switch self {
        case .recent: Words("something was done to them since", "期限内仍有办理")
        case .fetched: Words("they were asked for back", "已申请取回")
        case .unsettled: Words("something of them is open", "尚有待处置的事项")
        case .forked: Words("a journal that they lie in has forked", "所在日志有分叉")
        case .cut: Words("a machine that was cut off wrote something of them", "其中有被切除机器所写的内容")
        case .lastOfJournal: Words("they end a journal, which goes on from there", "位于日志末尾，后续须接续")
        case .large:
            Words("more runs, machines or units had a part in them than a stub can name", "所涉批次、机器或单位过多")
        case .unsealed: Words("something of them is not sealed", "尚有未封存的内容")
        case .notBackedUp where livesBySticks:
            Words("who lives by sticks keeps everything until there is a line", "只靠U盘传递的单位，接通线路之前保留全部办件")
        case .notBackedUp:
            Words("no unit above has them in a backup on another disk", "上级单位尚无包含它们的异盘备份")
        case .childBehind: Words("a node below has not confirmed them", "下级节点尚未确认")
        case .lacksCalendar:
            Words("their limits were counted in a year without a calendar", "办理时限跨越没有日历的年份")
        }
    }

    /// Those that end only when somebody somewhere does something.
    static let needingSomebody: [RetentionObstacle] = [.notBackedUp, .childBehind, .lacksCalendar]
}
