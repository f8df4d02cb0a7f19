import ServiceModel

/// How a replica stands by what was found of its disk, and what its program could not derive.
package struct HealthReport: Hashable, Sendable {
    /// Change sets that were taken out as damaged, that others have, and that have not come again.
    package let absent: Int
    /// Change sets that were taken out as damaged and that nobody else has.
    package let lost: Int
    /// Records that are set aside.
    package let setAside: Int
    /// nil when none was ever finished.
    package let scrub: ScrubReport?

    package var isGood: Bool { absent == 0 && lost == 0 && setAside == 0 && (scrub?.damaged ?? 0) == 0 }

    /// In plain words, with the way out; empty where there is nothing to say.
    package var words: [Words] {
        var out: [Words] = []
        if let structure = scrub?.structure { out.append(ReplicaError.unreadable(structure).words) }
        if lost > 0 {
            out.append(
                Words(
                    "the disk has changed \(lost) change sets that had not been sent: they are lost. `terrace scrub "
                        + "--taken-out` says of which cases; accept or act on those again",
                    "磁盘改动了\(lost)条尚未上报的变更，已无法找回。请用 terrace scrub --taken-out 查看涉及的办件，并重新办理"))
        }
        if absent > 0 {
            out.append(
                Words(
                    "\(absent) change sets that the disk had changed were taken out and have not come again yet: the "
                        + "neighbours bring them",
                    "磁盘改动的\(absent)条变更已移出，尚未由上下级补回"))
        }
        if setAside > 0 {
            out.append(
                Words(
                    "\(setAside) records cannot be derived by this program and are set aside; nothing of them is lost. "
                        + "They are tried again by the next version, or by `terrace rebuild`",
                    "有\(setAside)个办件或事项本程序无法推算，已搁置，内容没有丢失。升级后会自动重试，也可运行 terrace rebuild"))
        }
        if let scrub, scrub.damaged > 0, scrub.structure == nil {
            out.append(
                Words(
                    "the check of \(CivilTime.text(scrub.finished)) found \(scrub.damaged) damages: look after this "
                        + "disk, and run `terrace scrub` again",
                    "\(CivilTime.text(scrub.finished))的检查发现\(scrub.damaged)处损坏：请检查磁盘，并再次运行 terrace scrub"))
        }
        return out
    }
}

extension Transaction {
    /// - Throws: `ReplicaError.damaged`.
    package func health() throws -> HealthReport {
        let taken = try countOfTakenOut()
        return HealthReport(
            absent: taken.all - taken.lost, lost: taken.lost, setAside: try countOfSetAsideRecords(),
            scrub: try lastScrub())
    }
}
