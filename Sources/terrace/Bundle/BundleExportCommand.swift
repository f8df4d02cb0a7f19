import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace bundle export`.
struct BundleExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a unit above or below lacks onto a stick.",
        discussion: """
            It begins where that unit has said that it stands, and only its node can read it. A stick that is lost costs
            nothing: until a bundle has come back, the next export begins at the same place. When the stick is full, or
            after --volumes, --continue goes on with the next one; it also adds what has come since to sticks that are
            under way. Example:
              terrace bundle export --to 379902001 /media/stick
              terrace bundle export --to 379902001 --continue /media/another
            """)

    @OptionGroup var node: NodeOptions

    @Option(name: .customLong("to"), help: "Code of the unit.")
    var unit: String

    @Argument(help: "The folder to write to.")
    var folder: String

    @Option(help: "Most bytes of a volume, which is one file. Where a long run needs more, it is said how many.")
    var size = Limits.usualVolumeBytes

    @Option(help: "Most volumes to write now.")
    var volumes: Int?

    @Flag(name: .customLong("continue"), help: "Go on behind the last volume that was written for that unit.")
    var goesOn = false

    @Flag(help: "Begin at the beginning, as for a unit that holds nothing: one never met, or restored since.")
    var fromBeginning = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let to: String
        let bundle: String
        let files: [String]
        let bytes: Int
        let changeSets: Int
        /// Nothing was left to say.
        let isWhole: Bool
        let isFromBeginning: Bool
        /// It goes on behind the last volume that was written before.
        let isContinued: Bool
        /// Seconds since 1970 of the last word from that unit; left out where there was none.
        let since: Int64?
    }

    func validate() throws {
        guard (Limits.smallestVolumeBytes...Limits.volumeBytes).contains(size) else {
            let (least, most) = (Limits.smallestVolumeBytes, Limits.volumeBytes)
            throw ValidationError(
                Words(
                    "--size is \(least) to \(most), and a long run needs more than the least",
                    "--size 可为\(least)至\(most)，较长的日志段需要大于下限"))
        }
        guard volumes ?? 1 >= 1 else { throw ValidationError(Words("--volumes is 1 or more", "--volumes 至少为1")) }
        guard !(goesOn && fromBeginning) else {
            throw ValidationError(
                Words("say either --continue or --from-beginning", "--continue 与 --from-beginning 只能用一个"))
        }
    }

    func run() throws {
        guard let code = UnitCode(unit) else { throw NodeError.unknownUnit(unit) }
        var plan = BundlePlan(to: code, volumeBytes: size, volumes: volumes)
        if goesOn { plan.start = .lastVolume }
        if fromBeginning { plan.start = .beginning }
        guard VolumeFile.isFolder(folder) else { throw BundleError.noFolder(folder) }
        var files: [String] = []
        let report: BundleReport
        do {
            report = try node.open().exportBundle(plan, now: SystemClock.now()) { header, file in
                let path = "\(folder)/\(VolumeFile.name(header))"
                try VolumeFile.write(file, to: path)
                files.append(path)
            }
        } catch let error as any CodedError where !files.isEmpty && (error is NodeError || error is BundleError) {
            throw BundleError.stopped(written: files.count, error.words)
        }
        let output = Output(
            to: report.recipient, bundle: report.bundle, files: files, bytes: report.bytes,
            changeSets: report.changeSets, isWhole: report.isWhole, isFromBeginning: report.isFromBeginning,
            isContinued: report.isContinued, since: report.since)
        switch format {
        case .json: try output.printJSON()
        case .table: print(Self.words(output)[.current])
        }
    }

    private static func words(_ output: Output) -> Words {
        let count = output.files.count
        let what = Words(
            "\(output.changeSets) change sets for \(output.to) in \(count) volumes, \(output.bytes) bytes, ",
            "给\(output.to)的\(output.changeSets)条变更，共\(count)卷，\(output.bytes)字节，")
        let time = output.since.map { CivilTime.text($0) }
        let from =
            switch (output.isFromBeginning, time) {
            case _ where output.isContinued:
                Words("going on behind the last volume that was written", "接着上次写好的最后一卷")
            case (false, let time?):
                Words("from where it stood (last heard \(time))", "从对方所到之处起（最近消息：\(time)）")
            default: Words("from the beginning", "从头开始")
            }
        let rest =
            output.isWhole
            ? Words("\nhave it imported there, and take back a bundle from there", "\n请在对方导入，并带回对方导出的数据包")
            : Words("\nmore is left: go on with --continue", "\n尚未写完：请用 --continue 继续")
        return what + from + rest
    }
}
