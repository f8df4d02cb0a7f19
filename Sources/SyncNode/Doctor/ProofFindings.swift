import ServiceModel

/// Whether this node and the one above, or one below, hold the same.
extension FindingKind {
    static let ofProof = [
        proofGone, proofDiffers, proofNever, proofOld, proofChildren, proofMending, proofWished,
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
        "proof.gone", .danger,
        effect: Words(
            "Work goes on; but these cases can be opened nowhere, unless a unit further above has them.",
            "业务照常；但除非更上级单位留有，这些办件已无处可查。"),
        wayOut: Words(
            "If PARENT has a new machine, it gets them from the unit above it: the day after, "
                + "`terrace verify --data DIR --with PARENT`. If they still lack: restore the last backup of "
                + "PARENT's former machine there (`terrace restore`), and enroll that one again.",
            "若 PARENT 刚换新机，会从其上级补回：次日运行 `terrace verify --data DIR --with PARENT`。"
                + "若仍缺少：请在 PARENT 恢复原机器的最后备份（`terrace restore`），再重新注册。"))

    static let proofNever = FindingKind(
        "proof.never", .warning, effect: mayDiffer,
        wayOut: Words(
            "`terrace verify --data DIR --with PARENT`; a serving node does it by itself once a day.",
            "`terrace verify --data DIR --with PARENT`；运行中的节点每天自动核对一次。"))

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
            "Let it be mended there, at the unit below: `terrace verify --with UNIT --repair`, with this unit's code.",
            "请在下级节点补齐：`terrace verify --with UNIT --repair`，UNIT 为本单位代码。"))

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
            guard last.gone == 0 else {
                return [
                    Finding(
                        .proofGone,
                        Words(
                            "compared \(CivilTime.text(last.time)), \(name) lacked what has left this node: "
                                + "something of \(last.gone) runs",
                            "\(CivilTime.text(last.time))核对时，已从本节点移出的\(last.gone)段办结内容，\(name)也没有"))
                ]
            }
            return [
                Finding(
                    last.isSent ? .proofMending : .proofDiffers,
                    Words(
                        "compared \(CivilTime.text(last.time)), \(name) lacked something of \(last.lackingThere) runs, "
                            + "this node of \(last.lackingHere)",
                        "\(CivilTime.text(last.time))核对时，\(name)缺少\(last.lackingThere)段，本节点缺少\(last.lackingHere)段"))
            ]
        }
        if let proven = replica.proof?.proven {
            guard now.seconds - proven > ExaminationBounds.proof else { return [] }
            let time = CivilTime.text(proven)
            return [
                Finding(
                    .proofOld,
                    Words("the last proof of equality with \(name) is of \(time)", "与\(name)的最近一次一致证明是在\(time)"))
            ]
        }
        guard replica.standing.heard != nil, isPastBeginning else { return [] }
        return [Finding(.proofNever, Words("never proven equal with \(name)", "与\(name)尚无一致证明"))]
    }

    /// Whether this node was enrolled long enough ago to have done what is done in its time.
    var isPastBeginning: Bool {
        guard let certificate = folder.certificate else { return false }
        // A certificate begins before the moment at which it was issued.
        return now.seconds - certificate.from - Node.clockTolerance > ExaminationBounds.begin
    }
}
