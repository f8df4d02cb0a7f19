import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is wrong with a node, what it means for the work, and the way out.",
        discussion: """
            Looks at the folder, the database and the note of a serving node, and changes nothing: not even a database
            that was just put there. It works beside a serving node, without one, and where the node cannot be opened.

            Each finding has a stable code and is a danger (work stops, or something may be lost), a warning (somebody
            has to see to it) or a note. docs/DOCTOR.md lists them all. It ends with 0 where there are notes at most,
            with 1 where there is a warning or a danger. Example:
              terrace doctor --data village
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let examination = Examination(Self.facts(node.directory))
        switch format {
        case .json: try DoctorOutput(examination, in: .current).printJSON()
        case .table: print(Self.text(examination, in: .current))
        }
        if !examination.needingSomebody.isEmpty { throw ExitCode.failure }
    }

    private static func facts(_ directory: NodeDirectory) -> NodeFacts {
        let service = ServiceFacts(beside: directory)
        var facts = NodeFacts(directory, service: service, now: SystemClock.now())
        do { _ = try NodeSettings.read(directory) } catch NodeError.badFile {
            facts.hasBadSettings = true
        } catch {
            // A file that may not be read is among those of the folder.
        }
        return facts
    }

    /// The gravest first, each with what it means and the way out.
    static func text(_ examination: Examination, in language: Language) -> String {
        guard !examination.findings.isEmpty else {
            return Words("nothing is wrong with this node", "本节点一切正常")[language]
        }
        return examination.findings.map { finding in
            """
            \(finding.severity.words[language])  \(finding.code)
              \(finding.what[language])
              \(finding.effect[language])
              → \(finding.wayOut[language])
            """
        }.joined(separator: "\n\n")
    }
}

extension ServiceFacts {
    /// What can be told of a process that serves a folder by what it has noted there, and by the settings.
    init(beside directory: NodeDirectory) {
        let isServed = ServerLock.isHeld(directory)
        // A serving process may have been told another address than that of the settings.
        let hasUplink = isServed ? nil : (try? NodeSettings.read(directory)).map { $0.uplink?.list.isEmpty == false }
        self.init(
            isServed: isServed, hasUplink: hasUplink, line: LinkNote.read(directory),
            arrivals: ArrivalNote.read(directory))
    }
}
