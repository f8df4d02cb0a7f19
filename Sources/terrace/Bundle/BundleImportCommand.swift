import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace bundle import`.
struct BundleImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in volumes that a courier brought.",
        discussion: """
            Volumes come in any order, more than once, and with some missing: what can be used is, and the rest waits
            for nothing. If it is cut off, run it again. Of a folder, volumes for other nodes are passed over. It ends
            with 1 when a volume was refused, or a folder has none. What a machine that was cut had exported is taken
            too. Example:
              terrace bundle import /media/stick
              terrace bundle import /media/stick/379902001-from-379902001001-5e0c11d2-0001.bundle
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: ArgumentHelp("Files of volumes, or folders with such files.", valueName: "path"))
    var paths: [String]

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Volume: Encodable {
        let file: String
        var from: String?
        var bundle: String?
        var volume: Int?
        var newChangeSets: Int?
        /// Runs that contradicted what is held: two machines have written under one name.
        var forks: Int?
        /// Made for an earlier life of this node's database: the sender must send again.
        var isForAnother: Bool?
        /// Its sender was cut: it gets nothing back.
        var isOfCut: Bool?
        var code: String?
        var reason: String?
    }

    private struct Output: Encodable {
        let volumes: [Volume]
        /// In the folders, for other nodes.
        let passedOver: Int
        /// Among those, machines of this very unit that they are for.
        let otherMachines: [String]
        let newChangeSets: Int
        /// By bundle: volumes that have not come, below the highest that has.
        let missing: [String: [Int]]
        /// Bundles whose last volume has not come.
        let unfinished: [String]
        /// Something waits behind a gap for what has not come.
        let hasGap: Bool
    }

    func run() throws {
        let node = try node.open()
        var volumes: [Volume] = []
        var passedOver = 0
        var latest: [String: VolumeReport] = [:]
        var gaps: [String: Bool] = [:]
        // By recipient, then by sender.
        var others: [String: [String: Words]] = [:]
        var empty: String?
        for path in paths {
            let (files, isFolder) = try VolumeFile.all(at: path)
            if files.isEmpty { empty = empty ?? path }
            for file in files {
                do {
                    let bytes = try VolumeFile.read(file, upTo: Limits.volumeBytes)
                    let report = try node.importVolume(bytes, now: SystemClock.now())
                    latest[report.bundle] = report
                    gaps[report.sender] = report.hasGap
                    volumes.append(
                        Volume(
                            file: file, from: report.sender, bundle: report.bundle, volume: report.volume,
                            newChangeSets: report.newChangeSets, forks: report.forks,
                            isForAnother: report.isForAnother, isOfCut: report.isOfCut))
                } catch BundleError.notForThisNode where isFolder {
                    passedOver += 1
                } catch BundleError.otherMachine(let recipient, let own, let sender) where isFolder {
                    passedOver += 1
                    others[recipient, default: [:]][sender] =
                        BundleError.otherMachine(recipient: recipient, own: own, sender: sender).words
                } catch let error as ReplicaError {
                    throw error
                } catch let error as any CodedError {
                    volumes.append(Volume(file: file, code: error.code, reason: error.words[.current]))
                }
            }
        }
        let output = Output(
            volumes: volumes, passedOver: passedOver,
            otherMachines: others.keys.sorted(),
            newChangeSets: volumes.reduce(0) { $0 + ($1.newChangeSets ?? 0) },
            missing: latest.mapValues(\.missing).filter { !$0.value.isEmpty },
            unfinished: latest.values.filter(\.awaitsMore).map(\.bundle).sorted(), hasGap: gaps.values.contains(true))
        switch format {
        case .json: try output.printJSON()
        case .table:
            let told = others.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
            let lines = Self.lines(output) + told
            if !lines.isEmpty { print(lines.map { $0[.current] }.joined(separator: "\n")) }
        }
        if let empty { throw BundleError.noVolumes(empty) }
        guard volumes.allSatisfy({ $0.code == nil }) else { throw ExitCode.failure }
    }

    private static func lines(_ output: Output) -> [Words] {
        var lines = output.volumes.map(line)
        if output.passedOver > 0 {
            lines.append(
                Words("\(output.passedOver) volumes for other nodes", "\(output.passedOver)卷是给其他节点的"))
        }
        for (bundle, numbers) in output.missing.sorted(by: { $0.key < $1.key }) {
            let list = numbers.prefix(20).map(String.init).joined(separator: ", ") + (numbers.count > 20 ? "…" : "")
            lines.append(
                Words(
                    "bundle \(bundle.prefix(8)): volumes \(list) have not come", "数据包\(bundle.prefix(8))：第\(list)卷尚未到达")
            )
        }
        lines += output.unfinished.map {
            Words("bundle \($0.prefix(8)): its last volume has not come", "数据包\($0.prefix(8))：最后一卷尚未到达")
        }
        if output.hasGap {
            lines.append(
                Words(
                    "what came is kept; the sender will send again what lies behind the gap unless it is filled",
                    "已到的内容已保存；缺口补上之前，发送方会重发其后的内容"))
        }
        let cut = Set(output.volumes.filter { $0.isOfCut == true }.compactMap(\.from)).sorted()
        if !cut.isEmpty {
            let list = cut.joined(separator: ", ")
            lines.append(
                Words(
                    "\(list): cut off, so nothing goes back there; what it did itself and is new waits for the cases' "
                        + "holders: terrace case list --unsettled",
                    "\(list)：已被切除，无须带回回执；其自身的新办理事项由办件承办单位认定：terrace case list --unsettled"))
        }
        let senders = Set(output.volumes.filter { $0.isOfCut != true }.compactMap(\.from)).sorted()
        if !senders.isEmpty {
            let list = senders.joined(separator: ", ")
            lines.append(
                Words(
                    "take back a return bundle to \(list): only that tells what has arrived",
                    "请给\(list)带回回执数据包：对方由此得知哪些已到达"))
        }
        return lines
    }

    private static func line(_ volume: Volume) -> Words {
        let file = URL(filePath: volume.file).lastPathComponent
        guard let from = volume.from, let number = volume.volume, let new = volume.newChangeSets else {
            return Words(name: "\(ShownText.of(file, upTo: 96)): \(volume.code ?? ""): \(volume.reason ?? "")")
        }
        var what = Words(
            "volume \(number) from \(from): \(new) new change sets", "来自\(from)的第\(number)卷：\(new)条新变更")
        if let forks = volume.forks, forks > 0 {
            what =
                what
                + Words(
                    ", \(forks) runs that contradict what is held: see terrace node forks",
                    "，其中\(forks)段与已有的日志分叉：请看 terrace node forks")
        }
        guard volume.isForAnother == true else { return what }
        if volume.isOfCut == true {
            return what
                + Words(
                    ", a part of it rests on what this node has lost: import its earlier sticks, then this one again",
                    "，其中一部分依赖本节点已丢失的内容：请先导入它更早的U盘，再重新导入本卷")
        }
        return what
            + Words(
                ", made before this node was restored: export a return bundle, and have it sent again",
                "，制作于本节点恢复之前：请导出回执数据包，并请对方重发")
    }
}
