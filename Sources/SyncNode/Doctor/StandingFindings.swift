import ServiceModel

/// What the network says of this node and its unit, and names under which two machines write.
extension FindingKind {
    static let ofStanding = [
        standingCut, standingHeld, standingForked, standingForkedRoot, standingUnchosen, standingBranches,
        standingNoUnit, standingEnded, standingFork, standingForkOfRoot, standingRootHadForked,
    ]

    static let standingCut = FindingKind(
        "standing.cut", .danger,
        effect: Words(
            "The machine has no connection any more; what is done at it now counts only as a proposal.",
            "本机已不能联网；此后所办只作为提议，待有关单位答复。"),
        wayOut: Words(
            "Ask the unit above for a code, stop the node, and run `terrace enroll again --data DIR --code CODE`: all "
                + "work is kept.",
            "请向上级索取登记码，停止节点，运行 `terrace enroll again --data DIR --code CODE`：已办内容全部保留。"))

    static let standingHeld = FindingKind(
        "standing.held", .danger,
        effect: Words(
            "The counter works on; nothing goes up or comes down.", "窗口照常；内容不能上报，也收不到下发。"),
        wayOut: Words(
            "Call the unit above and ask why. If the machine was cut, get a code there: `terrace enroll again --data "
                + "DIR --code CODE`.",
            "请致电上级询问原因。若本机已被切除，请索取登记码：`terrace enroll again --data DIR --code CODE`。"))

    static let standingForked = FindingKind(
        "standing.forked", .danger,
        effect: Words(
            "Decisions on cases that were acted on in both lines count nowhere until the root has chosen; all other "
                + "work goes on.",
            "两份记录都办理过的办件，在根节点选定之前其决定不生效；其余业务照常。"),
        wayOut: Words(
            "If there are two machines of one disk, switch one off. If this one was set back as a whole, to a snapshot "
                + "with its anchor, there is no other: let it work on. Either way call the root: it sees both lines "
                + "with `terrace node forks`, and keeps one with `terrace node cut UNIT#N --keep LINE`. Then whoever "
                + "goes on is enrolled again, `terrace enroll again --data DIR --code CODE`: all work is kept, and "
                + "what was done in the other line or beyond the cut counts as proposals. Two receipts may have one "
                + "running number; their last characters tell them apart.",
            "若有同一磁盘的两台机器，请关闭其中一台。若是本机被整机退回到旧快照（连同 anchor 文件），则没有另一台，本机照常使用。"
                + "两种情形都请致电根节点：由其用 `terrace node forks` 查看两支记录，用 `terrace node cut UNIT#N --keep LINE` "
                + "保留一支。此后继续使用的机器须重新登记：`terrace enroll again --data DIR --code CODE`；已办内容全部保留，"
                + "另一支所办及切除界限之后所办作为提议。两张凭证的流水号可能相同，以末几位区分。"))

    private static let bothOfRoot = Words(
        "Both lines of the root are kept and counted, of its charter too. Decisions on cases on which both have "
            + "acted count nowhere, and no cut can choose between them: the root cannot cut itself off.",
        "根节点的两支都保留并计入，章程也是如此。两台机器都办理过的办件，其决定不生效，也无法用切除来选定：根节点不能切除自己。")

    private static let staysSaid = Words(
        " Where that is done, nothing more is to do; this stays said, since both lines are kept.",
        "已关闭的，无须再做；两支都保留，故本提示一直存在。")

    static let standingForkedRoot = FindingKind(
        "standing.forkedRoot", .danger, effect: bothOfRoot,
        wayOut: Words(
            "Switch one of the two machines off for good, today: what it has done and sent is kept, and the other "
                + "goes on. `terrace node forks --data DIR` shows both lines. Cases whose decisions do not count have "
                + "to be accepted anew.",
            "请今天就永久关闭其中一台：它已办且已发送的内容会保留，另一台继续。`terrace node forks --data DIR` 可查看两支。"
                + "决定不生效的办件须重新受理。") + staysSaid)

    static let standingUnchosen = FindingKind(
        "standing.unchosen", .warning,
        effect: Words(
            "Decisions on cases on which two such machines have acted count nowhere until this node, the root, has "
                + "chosen; all other work goes on.",
            "两台机器都办理过的办件，在本节点（根节点）选定之前其决定不生效；其余业务照常。"),
        wayOut: Words(
            "See both lines with `terrace node forks --data DIR`, ask the unit which machine is the right one, and "
                + "keep it: `terrace node cut UNIT#N --keep LINE --data DIR`; where nothing but published items has "
                + "forked, both lines stand, and it is cut without --keep.",
            "请用 `terrace node forks --data DIR` 查看两支，向该单位问明哪台为准，再保留它："
                + "`terrace node cut UNIT#N --keep LINE --data DIR`；只有所发布的事项分叉时，两支都保留，切除时不加 --keep。"))

    static let standingBranches = FindingKind(
        "standing.branches", .warning,
        effect: Words(
            "All entries are in effect; but what is written on one branch does not know the units, moves and cuts of "
                + "the other.",
            "所有条目都有效；但依据一个分支写入的内容，不知道另一分支的单位、调整与切除。"),
        wayOut: Words(
            "`terrace topology join --data DIR` shows both. Fetch the authority's key, and join them: `terrace "
                + "topology join --data DIR --authority authority.key`.",
            "`terrace topology join --data DIR` 可查看两个分支。取来创建本网络的密钥后合并：`terrace topology join --data DIR "
                + "--authority authority.key`。"))

    static let standingNoUnit = FindingKind(
        "standing.noUnit", .warning,
        effect: Words(
            "Cases that are accepted here may be void for the others.", "在此受理的办件，其他节点可能认为无效。"),
        wayOut: Words(
            "Call the unit above: the root imports a topology that has this unit.", "请致电上级：由根节点导入含有本单位的拓扑。"))

    static let standingEnded = FindingKind(
        "standing.ended", .warning,
        effect: Words(
            "The unit is not expected in the city's figures any more.", "全市统计已不再包含本单位。"),
        wayOut: Words(
            "Hand over what is open, and close the counter; if the unit goes on, the root changes its last day.",
            "请移交未办结的办件并关闭窗口；若单位仍在，请根节点更改其截止日期。"))

    static let standingFork = FindingKind(
        "standing.fork", .note,
        effect: Words(
            "Decisions on cases on which two such machines have acted count nowhere until the root has chosen; all "
                + "other work goes on.",
            "两台机器都办理过的办件，在根节点选定之前其决定不生效；其余业务照常。"),
        wayOut: Words(
            "The root chooses. `terrace node forks --data DIR` shows the proof.",
            "由根节点选定。`terrace node forks --data DIR` 可查看证据。"))

    static let standingForkOfRoot = FindingKind(
        "standing.forkOfRoot", .note, effect: bothOfRoot,
        wayOut: Words(
            "Call the root: one of its two machines has to be switched off for good. `terrace node forks --data DIR` "
                + "shows the proof.",
            "请致电根节点：须永久关闭两台机器中的一台。`terrace node forks --data DIR` 可查看证据。") + staysSaid)

    static let standingRootHadForked = FindingKind(
        "standing.rootHadForked", .note, effect: bothOfRoot,
        wayOut: Words(
            "See that the other machine is switched off for good. `terrace node forks --data DIR` shows both lines. "
                + "Cases whose decisions do not count have to be accepted anew.",
            "请确认另一台机器已永久关闭。`terrace node forks --data DIR` 可查看两支。决定不生效的办件须重新受理。") + staysSaid)
}

extension NodeFacts {
    var ofStanding: [Finding] {
        guard let replica else { return [] }
        return [connection(replica), forks(replica), branches(replica), unit(replica)].flatMap(\.self)
    }

    /// The code with which a node is refused that was cut or is on hold.
    static let heldCode = "trust.held"

    /// Whether it was cut off or is on hold: what waits does not go up by itself.
    func isShutOut(_ replica: ReplicaFacts) -> Bool { !connection(replica).isEmpty }

    private func connection(_ replica: ReplicaFacts) -> [Finding] {
        let name = "\(replica.unit)#\(replica.ordinal)"
        if replica.isCut {
            return [Finding(.standingCut, Words("the root has cut off \(name)", "根节点已切除\(name)"))]
        }
        if replica.isOnHold {
            return [
                Finding(
                    .standingHeld, Words("a unit above has put \(name) on hold", "上级已暂停与\(name)的连接"))
            ]
        }
        guard let line = service.line, !line.isUp, line.failure?.refusal == Self.heldCode else { return [] }
        return [
            Finding(
                .standingHeld,
                Words(
                    "the unit above lets \(name) in no more: it was cut off, or is on hold",
                    "上级不再接受\(name)的连接：它已被切除或暂停"))
        ]
    }

    private func forks(_ replica: ReplicaFacts) -> [Finding] {
        let own = replica.forks.first(where: \.isOwn)
        let others = replica.forks.filter { !$0.isOwn && !$0.isOfRoot }.map(\.node)
        var found: [Finding] = []
        if let own { found.append(ownFork(own, replica)) }
        if let root = replica.forks.first(where: { $0.isOfRoot && !$0.isOwn })?.node {
            found.append(
                Finding(
                    .standingForkOfRoot,
                    Words("two machines write under the root's name, \(root)", "有两台机器以根节点\(root)的名义写入")))
        }
        if !others.isEmpty {
            found.append(
                Finding(
                    replica.isRoot ? .standingUnchosen : .standingFork,
                    Words("two machines write under the name of ", "有两台机器以同一名义写入：") + others.someNames))
        }
        return found
    }

    /// What the root's other machine has done stays; it is a danger while that machine works.
    private func ownFork(_ fork: ReplicaFacts.Fork, _ replica: ReplicaFacts) -> Finding {
        let name = fork.node
        let isOver = fork.sealedElsewhere.map { now.seconds - $0 > ExaminationBounds.otherMachine } ?? true
        if replica.isRoot, isOver {
            return Finding(
                .standingRootHadForked,
                Words(
                    "two machines have written under this node's name, \(name); the other one not for a week",
                    "曾有两台机器以本节点\(name)的名义写入；另一台已一周未写入"))
        }
        guard replica.isRoot else {
            return Finding(
                .standingForked,
                Words(
                    "two machines have written under this node's name, \(name), or this one was set back as a whole",
                    "有两台机器以本节点\(name)的名义写入，或本机曾被整机退回"))
        }
        return Finding(
            .standingForkedRoot,
            Words("two machines write under this node's name, \(name)", "有两台机器以本节点\(name)的名义写入"))
    }

    private func branches(_ replica: ReplicaFacts) -> [Finding] {
        guard replica.isRoot, replica.charterBranches > 1 else { return [] }
        let count = replica.charterBranches
        return [
            Finding(
                .standingBranches,
                Words(
                    "the charter has \(count) branches: something was entered after a restore before the units below "
                        + "had called",
                    "章程有\(count)个分支：恢复之后，在下级单位连线之前又录入了内容"))
        ]
    }

    private func unit(_ replica: ReplicaFacts) -> [Finding] {
        if !replica.isUnitKnown {
            return [
                Finding(
                    .standingNoUnit, Words("the network has no unit \(replica.unit)", "网络中没有单位\(replica.unit)"))
            ]
        }
        guard let ended = replica.ended else { return [] }
        let day = CivilDay.text(ended)
        return [Finding(.standingEnded, Words("this unit ended on \(day)", "本单位已于\(day)终止"))]
    }
}
