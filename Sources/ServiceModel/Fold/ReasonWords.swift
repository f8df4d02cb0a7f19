extension PendingReason {
    /// What is waited for, for a person.
    package var words: Words {
        switch self {
        case .parentMissing: Words("an earlier step of the case", "该办件之前的某一步")
        case .parentPending: Words("an earlier step of the case, which waits itself", "该办件之前的某一步，它也在等待")
        case .authorUnknown: Words("the certificates of the node that wrote it", "写下它的节点的证书")
        case .entryUnknown: Words("an entry of the charter", "章程中的一条")
        case .notUnderstood:
            Words("a newer program, which understands it: upgrade this node", "能看懂它的新版程序：请升级本节点")
        }
    }
}

extension VoidReason {
    /// Why it has no effect, for a person.
    package var words: Words {
        switch self {
        case .pinBehind:
            Words("it rests on an older charter than what it follows", "它所依据的章程比它所承接的更旧")
        case .unknownKind: Words("this program has no rule for that action", "本程序没有此动作的规则")
        case .noPower: Words("the unit has no power to do it", "本单位无权做此事")
        case .creationOutOfPlace: Words("a case begins once, and with its acceptance", "办件只能以受理开始，且只有一次")
        case .notAboveBoth:
            Words(
                "only a unit above the holder and all units named may change the route",
                "只有在承办单位及所列各单位之上的单位才能改变路线")
        case .notAboveHolder: Words("only a unit above the holder may take over", "只有承办单位的上级才能接管")
        case .answersWithoutCustody:
            Words("only the unit that holds the case answers requests", "只有承办单位才能答复请求")
        case .unanswerable: Words("there is no such open request, or it is answered", "没有这样待答复的请求，或已答复")
        case .wrongPhase:
            Words("the case is not in a phase where that is done: look at its trace", "办件不在可做此事的阶段：请看办理经过")
        case .inDoubt:
            Words(
                "the case was taken over, and it has not been said what became of the work before",
                "办件已被接管，而此前的办理结果尚未说明")
        case .badTarget: Words("a case is forwarded to another unit of the network", "办件应转交网络中的另一单位")
        case .frozen: Words("two copies of the holder's journal disagree here", "承办单位的两份日志在此处不一致")
        case .custodyPassed: Words("the case has gone to another unit meanwhile", "办件此间已转到另一单位")
        case .notCreator: Words("only the unit that accepted the case may do it", "只有受理单位才能做此事")
        case .notOnRoute:
            Words(
                "it is decided where its route ends, or above: forward it there",
                "应由路线终点或其上级决定：请转交那里")
        case .alreadyWritten: Words("it may be written once, and it was", "只能写一次，且已写过")
        }
    }
}
