import Replica
import ServiceModel
import Testing

@testable import SyncNode

/// What a doctor makes of what is known: pure, one state for each finding.
@Suite struct FindingTests {
    private static func codes(_ change: FindingSamples.Change = { _ in }) -> [String] {
        Examination(FindingSamples.facts(change)).findings.map(\.code)
    }

    @Test func nothingIsWrongWithASoundNode() {
        let examination = Examination(FindingSamples.sound)
        #expect(examination.findings.isEmpty && examination.needingSomebody.isEmpty)
    }

    /// Each state is told by its own finding, and by no other, but for what it really brings with it.
    @Test func eachStateIsTold() {
        let besides: [String: [String]] = [
            "anchor.missed": ["line.notServed"], "database.behind": ["line.notServed"], "line.silent": ["line.trying"],
            "database.carried": ["proof.carried"], "retention.carried": ["proof.carried"],
        ]
        for (code, change) in FindingSamples.all {
            #expect(Set(Self.codes(change)) == Set([code] + (besides[code] ?? [])), "\(code)")
        }
        #expect(FindingSamples.all.map(\.code) == FindingKind.all.map(\.code))
        #expect(Set(FindingKind.all.map(\.code)).count == FindingKind.all.count)
    }

    @Test func everyFindingSpeaksBothLanguages() {
        func hasHan(_ text: String) -> Bool {
            text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
        }
        for (code, change) in FindingSamples.all {
            var facts = FindingSamples.facts(change)
            // Names of units are Chinese in any language.
            facts.replica?.parent?.name = "the town"
            guard let finding = Examination(facts).findings.first(where: { $0.code == code }) else {
                Issue.record("\(code)")
                continue
            }
            for words in [finding.what, finding.effect, finding.wayOut] {
                #expect(words[.english] != words[.chinese] && hasHan(words[.chinese]), "\(code): \(words)")
            }
            #expect(!hasHan(finding.effect[.english] + finding.wayOut[.english]), "\(code)")
            let marks = [finding.wayOut[.english], finding.wayOut[.chinese]].map { text in
                text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { !$0.offset.isMultiple(of: 2) && $0.element.hasPrefix("terrace ") }.map(\.element)
            }
            #expect(Set(marks[0]) == Set(marks[1]), "\(code): the languages name different commands")
        }
    }

    @Test func theGravestComesFirst() {
        let codes = Self.codes {
            $0.replica?.drafts = (1, 0)
            $0.replica?.backups = []
            $0.folder.free = 0
        }
        #expect(codes == ["folder.full", "backup.none", "work.drafts"])
        let notes = Examination(FindingSamples.facts { $0.service = ServiceFacts(isServed: false, hasUplink: true) })
        #expect(notes.findings.map(\.severity) == [.note] && notes.needingSomebody.isEmpty)
    }

    @Test func aCommandCanBeTyped() {
        func way(_ path: String) -> String {
            let facts = FindingSamples.facts {
                $0.folder.path = path
                $0.replica?.proof = nil
            }
            return Examination(facts).findings.first?.wayOut[.english] ?? ""
        }
        #expect(way("/srv/terrace/湖东").contains("terrace verify --data /srv/terrace/湖东 --with 379902001`"))
        #expect(way("it's here").contains("--data 'it'\\''s here' --with"))
    }

    /// Beside a serving node a command has no exchange of its own.
    @Test func whereASyncWouldBeRefusedThatIsSaid() {
        for kind in FindingKind.all where kind.wayOut[.english].contains("`terrace sync ") {
            let says = ["on a serving node by `terrace verify ", "with the node stopped"]
            #expect(says.contains { kind.wayOut[.english].contains($0) }, "\(kind.code)")
        }
        for code in ["anchor.guessed", "database.uncompared", "proof.childrenBehind"] {
            let kind = FindingKind.all.first { $0.code == code }
            #expect(kind?.wayOut[.english].contains("at once") == true, "\(code)")
        }
    }

    /// What has left for the backups of a unit that was above may be nowhere else.
    @Test func whoWasAboveBeforeIsNamedWhereSomethingIsGone() {
        for age in [3600, 2 * FindingSamples.day] {
            let facts = FindingSamples.facts {
                let lost = FindingSamples.outcome(there: 3, gone: 3, since: FindingSamples.now.seconds - age)
                $0.replica?.proof = ProofStanding(comparison: lost, proven: nil)
                $0.replica?.formerlyAbove = ["湖西镇"]
            }
            let found = Examination(facts).findings
            #expect(found.map(\.code) == [age > FindingSamples.day ? "proof.gone" : "proof.away"])
            #expect(found.first?.what[.english].hasSuffix("; above this unit before: 湖西镇") == true, "\(found)")
            #expect(found.first?.what[.chinese].hasSuffix("此前的上级：湖西镇") == true, "\(found)")
        }
    }

    @Test func eachWayToLoseTheLineIsToldApart() {
        let table: [(String, String?, String)] = [
            ("link.unreachable", nil, "line.down"), ("link.stalled", nil, "line.down"),
            ("link.closed", nil, "line.down"), ("link.cutOff", nil, "line.down"), ("link.failed", nil, "line.down"),
            ("link.notTerrace", nil, "line.portal"), ("unit.notAbove", nil, "line.outOfPlace"),
            ("link.status", "trust.notBelow", "line.outOfPlace"), ("link.tls", "trust.peer.other", "line.outOfPlace"),
            ("link.tls", nil, "line.refused"), ("link.status", "enrollment.needed", "line.refused"),
            // This end has refused what is no node's; the other end refusing this one is another thing.
            ("link.tls", "trust.malformed", "line.portal"), ("link.tls", "trust.wrongNetwork", "line.portal"),
            ("link.status", "trust.wrongNetwork", "line.refused"), ("link.tls", "trust.expired", "line.refused"),
            // A status is read behind a certificate of this network alone.
            ("link.status", nil, "line.refused"),
            ("link.refused", "replica.storage", "line.refused"), ("link.version", nil, "line.refused"),
            ("link.status", "trust.held", "standing.held"), ("replica.unreadable", nil, "line.ownTrouble"),
            ("node.file", nil, "line.ownTrouble"), ("link.busy", nil, "line.busy"), ("link.hours", nil, "line.hours"),
        ]
        for (code, refusal, told) in table {
            #expect(Self.codes(FindingSamples.down(code, refusal: refusal)) == [told], "\(code) \(refusal ?? "")")
        }
        // Whoever answers at the address of the unit that was above is no unit above.
        #expect(Self.codes { $0.service.line?.through = FindingSamples.upper("379905001") } == ["line.outOfPlace"])
        // Before the charter has come nobody can tell.
        #expect(
            Self.codes {
                $0.service.line?.through = FindingSamples.upper("379905001")
                $0.replica?.above = nil
            } == [])
    }

    /// What has one cause is told once.
    @Test func aCauseIsToldOnce() {
        #expect(
            Self.codes {
                $0.folder.trouble = FileTrouble(30)
                $0.failure = .storage("unable to open database file", at: "village/replica.sqlite")
                $0.replica = nil
            } == ["folder.readOnly"])
        #expect(
            Self.codes {
                FindingSamples.down("link.status", refusal: "trust.held")(&$0)
                $0.replica?.isCut = true
            } == ["standing.cut"])
        #expect(
            Self.codes {
                $0.folder.denied = ["anchor"]
                $0.folder.anchor = .damaged
            } == ["folder.denied"])
        #expect(
            Self.codes {
                $0.replica?.copied = 1
                $0.replica?.isBehindAnchor = true
                $0.replica?.awaitsComparison = true
            } == ["database.copy"])
    }

    /// The root has nobody above, and is told nothing of a line upward.
    @Test func theRootHasNoLine() {
        let codes = Self.codes {
            $0.replica?.isRoot = true
            $0.replica?.parent = nil
            $0.replica?.proof = nil
            $0.replica?.standing.heard = nil
            $0.service = ServiceFacts(isServed: true, hasUplink: false)
        }
        #expect(codes == [])
    }

    /// A copy of a machine's disk has its anchor, too, and leaps all the same.
    @Test func anAnchorThatIsThereIsNotCalledLost() throws {
        let facts = FindingSamples.facts { $0.folder.anchor = .held(.guess(above: 512)) }
        let what = try #require(Examination(facts).findings.first).what
        #expect(what[.english].contains("set back or copied") && what[.english].contains("behind 100512"))
        #expect(what[.chinese].contains("退回") && what[.chinese].contains("100512"))
    }

    /// By a clock that is off by less than a day no act is refused, and its day is that of the clock.
    @Test func nobodyIsPromisedTheDayByADoubtedClock() {
        let kind = FindingKind.clockDoubted
        #expect(!kind.effect[.english].contains("Days") && !kind.effect[.chinese].contains("日期和次序无误"))
        for language in [Language.english, .chinese] { #expect(kind.wayOut[language].contains("--day")) }
    }

    /// The unit above has nothing to do with what this node wrote by a wrong clock.
    @Test func theUnitAboveIsBlamedForItsOwnClockAlone() {
        let way = FindingKind.clockNoDay.wayOut
        #expect(way[.english].contains("entry of this node") && way[.chinese].contains("本节点的记录"))
    }

    /// A machine that was cut sends nothing before somebody has enrolled it again.
    @Test func whatWaitsAtAMachineThatIsShutOutIsNotLeftToItself() {
        func waiting(_ change: FindingSamples.Change) -> [String] {
            Self.codes {
                $0.replica?.standing.waiting = .init(
                    changeSets: 2, cases: 1, oldest: FindingSamples.now.seconds - 60)
                change(&$0)
            }
        }
        #expect(waiting { _ in } == ["backlog.waiting"])
        #expect(waiting { $0.replica?.isCut = true } == ["standing.cut"])
        #expect(waiting { $0.replica?.isOnHold = true } == ["standing.held"])
        #expect(waiting(FindingSamples.down("link.status", refusal: NodeFacts.heldCode)) == ["standing.held"])
    }

    @Test func aProofOfADayToComeIsNotCalledOld() throws {
        let ahead = FindingSamples.now.seconds + 4 * FindingSamples.day
        let facts = FindingSamples.facts {
            $0.replica?.proof = ProofStanding(comparison: FindingSamples.outcome(), proven: ahead)
        }
        let found = Examination(facts).findings
        #expect(found.map(\.code) == ["proof.old"])
        let what = try #require(found.first).what
        #expect(what[.english].contains("ahead of this machine's clock") && what[.chinese].contains("晚于本机时钟"))
    }

    /// There was no room to write down how the line stands.
    @Test func aFullDiskSaysNothingOfTheLine() {
        let codes = Self.codes {
            $0.folder.free = 0
            $0.service.line = nil
        }
        #expect(codes == ["folder.full"])
    }

    /// Two lines may be those of one machine: nobody looks for another one in vain.
    @Test func aMachineThatWasSetBackAsAWholeIsNamedAmongTheCauses() throws {
        let facts = FindingSamples.facts { $0.replica?.forks = [.init(node: "379902001001#1", isOwn: true)] }
        let finding = try #require(Examination(facts).findings.first { $0.code == "standing.forked" })
        for words in [finding.what, finding.wayOut] {
            #expect(words[.english].contains("set back as a whole") && words[.chinese].contains("整机退回"))
        }
        #expect(finding.wayOut[.english].contains("terrace enroll again --data village --code CODE"))
    }

    /// A node that was just enrolled has nothing behind it, and is not blamed for that.
    @Test func aNewNodeIsNotBlamed() {
        let now = FindingSamples.now.seconds
        func codes(age: Int64) -> [String] {
            Self.codes {
                let from = now - Node.clockTolerance - age
                $0.folder.certificate = .init(from: from, until: now + 900 * FindingSamples.day)
                $0.replica?.proof = nil
                $0.replica?.health = HealthReport()
            }
        }
        #expect(codes(age: 3600) == [])
        #expect(codes(age: 4 * FindingSamples.day) == ["proof.never", "disk.unchecked"])
    }

    @Test func manyNamesAreCutShort() {
        let names = (1...7).map { "n\($0)" }
        #expect(names.someNames[.english] == "n1, n2, n3, n4, n5 and 2 more")
        #expect(names.someNames[.chinese].hasPrefix("n1、n2"))
        #expect(["one"].someNames[.english] == "one")
    }
}
