import Replica
import ServiceModel

/// Whether this node and the one above, or one below, hold the same.
extension FindingKind {
    static let ofProof = [
        proofGone, proofDiffers, proofNever, proofOld, proofChildren, proofMending, proofAway,
        proofCarried, proofOlderParent, proofWished, proofChildrenBehind,
    ]

    private static let mayDiffer = Words(
        "Work goes on; a case could be missing at one of the two, unnoticed.", "业务照常；但双方可能有一方缺少办件而未被发现。")

    static let proofDiffers = FindingKind(
        "proof.differs", .warning,
        effect: Words(
            "Work goes on; some cases are not complete at one of the two.", "业务照常；双方有一方的办件不完整。"),
        wayOut: Words(
            "`terrace verify --data DIR --with PARENT --repair` sends what either lacks, and compares again.",
            "`terrace verify --data DIR --with PARENT --repair` 补齐双方缺少的内容并再次核对。"))

    static let proofGone = FindingKind(
        "proof.gone", .warning,
        effect: Words(
            "Work goes on; these cases can be opened neither here nor there.", "业务照常；但这些办件在双方都已无法打开。"),
        wayOut: Words(
            "Call the unit above. If its machine goes on from an older backup than its last one, that one has them: "
                + "there, once everything has gone up, `terrace restore BACKUP --replace`. If its machine is a new "
                + "one: the last backup of the former one, restored into a folder of its own, and "
                + "`terrace enroll again`. If this unit was moved, only the unit that was above it before may have "
                + "them, or the backups there: call it, too. What it sends up again comes to the unit above.",
            "请致电上级。若上级机器恢复的不是最后一份备份，最后一份中有这些办件：待内容全部上送后，在上级运行 "
                + "`terrace restore BACKUP --replace`。若上级已换新机：把原机器的最后一份备份恢复到另一目录，"
                + "再运行 `terrace enroll again`。若本单位曾改换上级，这些办件可能只在此前的上级或其备份中：也请致电该单位，"
                + "由其上送后即会到达现在的上级。"))

    static let proofAway = FindingKind(
        "proof.away", .note,
        effect: Words(
            "Work goes on; they may be on their way to it, from the unit above it, or from one that was above this "
                + "unit before.", "业务照常；这些内容可能正由更上级，或本单位此前的上级，送往上级。"),
        wayOut: Words(
            "The next daily comparison tells whether they have come; to know it at once: "
                + "`terrace verify --data DIR --with PARENT`.",
            "下一次每日核对即可知道是否已到；要立即知道：`terrace verify --data DIR --with PARENT`。"))

    static let proofNever = FindingKind(
        "proof.never", .warning, effect: mayDiffer,
        wayOut: Words(
            "`terrace verify --data DIR --with PARENT`; a serving node does it by itself once a day.",
            "`terrace verify --data DIR --with PARENT`；运行中的节点每天自动核对一次。"))

    static let proofCarried = FindingKind(
        "proof.carried", .note, effect: mayDiffer,
        wayOut: Words(
            "Nothing has to be done. To know it: after bundles went both ways, `terrace verify --data DIR --unit UNIT` "
                + "here and at the unit above, with this unit's code; by telephone, both read the same fingerprint.",
            "无须处理。要确认：双向传递U盘之后，在本节点和上级分别运行 `terrace verify --data DIR --unit UNIT`，UNIT 为本单位代码，"
                + "电话核对两边的指纹是否相同。"))

    static let proofOlderParent = FindingKind(
        "proof.olderParent", .note, effect: mayDiffer,
        wayOut: Words(
            "Nothing has to be done here: it compares by itself once the unit above runs this node's version.",
            "本节点无须处理：上级升级到本节点的版本后会自动核对。"))

    static let proofOld = FindingKind(
        "proof.old", .warning, effect: mayDiffer,
        wayOut: Words(
            "When the line is up: `terrace verify --data DIR --with PARENT`. If it fails, call the unit above.",
            "线路畅通时请运行 `terrace verify --data DIR --with PARENT`。若不成功请致电上级。"))

    static let proofChildren = FindingKind(
        "proof.children", .warning,
        effect: Words(
            "Work goes on; some cases are not complete here or there.", "业务照常；本节点或下级的办件不完整。"),
        wayOut: Words(
            "Let it be mended there, at the unit below: `terrace verify --with UNIT --repair`, with this unit's code. "
                + "If it stays, `terrace doctor` there says why.",
            "请在下级节点补齐：`terrace verify --with UNIT --repair`，UNIT 为本单位代码。若仍不一致，请在该节点运行 "
                + "`terrace doctor` 查明原因。"))

    static let proofMending = FindingKind(
        "proof.mending", .note,
        effect: Words("Work goes on; what either lacked was sent.", "业务照常；双方缺少的内容已发送。"),
        wayOut: Words(
            "The next daily comparison proves it; to know it at once: `terrace verify --data DIR --with PARENT`.",
            "下一次每日核对即可证明；要立即知道：`terrace verify --data DIR --with PARENT`。"))

    static let proofWished = FindingKind(
        "proof.wished", .note, effect: Words("Work goes on.", "业务照常。"),
        wayOut: Words(
            "It is done with the next exchange with the unit above.", "将在与上级的下一次交换时进行。"))

    static let proofChildrenBehind = FindingKind(
        "proof.childrenBehind", .note,
        effect: Words(
            "Work goes on; cases that these units had sent up before may still be missing here, and in its figures.",
            "业务照常；这些单位此前上报的办件可能尚未补齐，统计也不完整。"),
        wayOut: Words(
            "It ends when each has compared and that exchange has ended, which on a busy line may take long; at once "
                + "by `terrace verify --with UNIT` there, with this unit's code. If one stays, call it: is its line "
                + "up? A machine that will not come again is to be cut off at the root: `terrace node cut UNIT#N`. One "
                + "that lives by sticks sends all of it again once a bundle from here has come there; of that one it "
                + "stays said until there is a line.",
            "各单位核对完毕、该次交换结束时自动消除，线路繁忙时可能较久；要立即消除，请在下级运行 `terrace verify --with UNIT`，UNIT 为本单位代码。"
                + "若有单位迟迟未补齐，请致电询问：线路是否畅通？不再使用的机器，请在根节点切除：`terrace node cut UNIT#N`。"
                + "只靠U盘的下级，收到本节点的数据包后会重新上报；对其此提示要到接通线路后才消除。"))
}

extension NodeFacts {
    var ofProof: [Finding] {
        guard let replica else { return [] }
        var found: [Finding] = []
        if let parent = replica.parent, !replica.isRoot { found += proof(replica, with: parent.name) }
        if replica.isComparisonWished {
            found.append(
                Finding(.proofWished, Words("a comparison was asked for, and is still to be made", "已要求核对，尚未进行")))
        }
        let uncompared = replica.children.filter(\.isUncompared).map(\.name)
        if !uncompared.isEmpty {
            found.append(
                Finding(
                    .proofChildrenBehind,
                    Words(
                        "this database began anew, after a restore, a repair or an upgrade, and was not compared since "
                            + "with ",
                        "数据库经恢复、修复或升级后重新开始，尚未核对的下级：") + uncompared.someNames))
        }
        let differing = replica.children.filter(\.differs).map(\.name)
        if !differing.isEmpty {
            found.append(
                Finding(
                    .proofChildren,
                    Words("the last comparison found a difference with ", "最近核对发现不一致：")
                        + differing.someNames))
        }
        return found
    }

    private func proof(_ replica: ReplicaFacts, with name: String) -> [Finding] {
        if let last = replica.proof?.difference {
            return [mending(last, with: name), gone(last, from: name)].compactMap(\.self)
        }
        let proven = replica.proof?.proven
        if let proven {
            guard isAhead(proven) || now.seconds - proven > ExaminationBounds.proof else { return [] }
        } else {
            guard replica.standing.heard != nil, isPastBeginning else { return [] }
        }
        return [unproven(since: proven, with: name)]
    }

    private func unproven(since proven: Int64?, with name: String) -> Finding {
        if livesBySticks {
            return Finding(
                .proofCarried,
                Words("all comes by stick from \(name), which proves no equality", "与\(name)只靠U盘传递，没有一致证明"))
        }
        if service.line?.needsNewerParent == true {
            return Finding(
                .proofOlderParent,
                Words("\(name) runs an older version, which proves no equality", "\(name)的版本较旧，不能证明一致"))
        }
        guard let proven else {
            return Finding(.proofNever, Words("never proven equal with \(name)", "与\(name)尚无一致证明"))
        }
        let time = CivilTime.text(proven)
        guard !isAhead(proven) else {
            return Finding(
                .proofOld,
                Words(
                    "the last proof of equality with \(name) is dated \(time), ahead of this machine's clock, which "
                        + "was set back since: how old it is cannot be told",
                    "与\(name)的最近一次一致证明写的是\(time)，晚于本机时钟（其后曾被调回），无从得知已有多久"))
        }
        return Finding(
            .proofOld,
            Words("the last proof of equality with \(name) is of \(time)", "与\(name)的最近一次一致证明是在\(time)"))
    }

    /// One that lies ahead says nothing of its age.
    private func isAhead(_ proven: Int64) -> Bool { proven > now.seconds + Node.clockTolerance }

    /// What differed and can be sent by one of the two.
    private func mending(_ last: ComparisonOutcome, with name: String) -> Finding? {
        guard last.lackingThere > last.gone || last.lackingHere > 0 else { return nil }
        let time = CivilTime.text(last.time)
        return Finding(
            last.isSent ? .proofMending : .proofDiffers,
            Words(
                "compared \(time), \(name) lacked something of \(last.lackingThere) runs, "
                    + "this node of \(last.lackingHere)",
                "\(time)核对时，\(name)缺少\(last.lackingThere)段，本节点缺少\(last.lackingHere)段"))
    }

    /// What the unit above lacked that has left this node for its backups.
    private func gone(_ last: ComparisonOutcome, from name: String) -> Finding? {
        guard last.gone > 0, let since = last.goneSince else { return nil }
        let (first, time) = (CivilTime.text(since), CivilTime.text(last.time))
        let former = replica.map { $0.formerlyAbove } ?? []
        let elsewhere =
            former.isEmpty
            ? Words(name: "") : Words("; above this unit before: ", "；本单位此前的上级：") + former.someNames
        guard last.time - since >= ExaminationBounds.gone else {
            return Finding(
                .proofAway,
                Words(
                    "compared \(time), \(name) lacked something of \(last.gone) runs that has left this node",
                    "\(time)核对时，\(name)缺少\(last.gone)段中已从本节点移出的内容") + elsewhere)
        }
        return Finding(
            .proofGone,
            Words(
                "compared \(time), \(name) lacked something of \(last.gone) runs that has left this node, as it has "
                    + "since \(first)",
                "\(time)核对时，\(name)缺少\(last.gone)段中已从本节点移出的内容，自\(first)起一直如此") + elsewhere)
    }

    /// Whether this node was enrolled long enough ago to have done what is done in its time.
    var isPastBeginning: Bool {
        guard let certificate = folder.certificate else { return false }
        // A certificate begins before the moment at which it was issued.
        return now.seconds - certificate.from - Node.clockTolerance > ExaminationBounds.begin
    }
}
