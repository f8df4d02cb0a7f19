import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Sticks come in any order, twice, or not at all.
@Suite struct CourierOrderTests {
    private static let both = [Network.village, Network.town]
    /// So small that the work below fills three.
    private static let volumeBytes = 12_000

    /// A village whose work fills three volumes for its town.
    private func threeVolumes() throws -> (network: Network, files: [Data]) {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.acceptMany(170, at: Network.village, route: [Network.town])
        let (report, files) = try network.export(
            at: Network.village, to: Network.town, volumeBytes: Self.volumeBytes)
        #expect(report.changeSets == 170 && report.isWhole && report.isFromBeginning)
        try #require(files.count == 3, "\(files.map(\.count))")
        #expect(files.allSatisfy { $0.count <= Self.volumeBytes })
        #expect(report.bytes == files.reduce(0) { $0 + $1.count })
        return (network, files)
    }

    @Test func threeVolumesInEveryOrderComeToTheSame() throws {
        let (network, files) = try threeVolumes()
        let before = try network.copyOfDisk(Network.town)
        func received() throws -> JournalCursor {
            try network.cursors(at: Network.town, with: Network.village)[0].received
        }
        var ends = [JournalCursor.start]
        for file in files {
            try network.bring(file, to: Network.town)
            ends.append(try received())
        }
        #expect(Set(ends).count == 4)
        let expected = try network.fingerprints(of: Network.village, at: Self.both)
        try #require(expected.count == 1)
        let orders = [
            [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [2, 2, 1, 1, 2, 0, 0], [1, 1, 0, 1, 2],
        ]
        for order in orders {
            try network.crash(Network.town, leaving: before)
            var come: Set<Int> = []
            for (at, number) in order.enumerated() {
                let report = try network.bring(files[number], to: Network.town)
                come.insert(number)
                let gapless = (0..<3).first { !come.contains($0) } ?? 3
                #expect(try received() == ends[gapless], "\(order), step \(at)")
                #expect(report.missing == (0..<come.max()!).filter { !come.contains($0) }.map { $0 + 1 }, "\(order)")
                #expect(report.hasGap == (gapless < come.count) && report.awaitsMore == !come.contains(2), "\(order)")
                #expect(order[..<at].contains(number) == (report.newChangeSets == 0), "\(order), step \(at)")
            }
            #expect(try network.fingerprints(of: Network.village, at: Self.both) == expected, "\(order)")
        }
    }

    @Test func aLostVolumeIsExportedAgain() throws {
        let (network, files) = try threeVolumes()
        try network.bring(files[0], to: Network.town)
        try network.bring(files[2], to: Network.town)
        #expect(try network.unsent(at: Network.village) == 170, "nothing moves because it was exported")
        try network.carry(from: Network.town, to: Network.village)
        let left = try network.unsent(at: Network.village)
        #expect(left > 0 && left < 170)
        let again = try network.export(at: Network.village, to: Network.town)
        #expect(again.report.changeSets == left && !again.report.isFromBeginning)
        for file in again.files { #expect(try !network.bring(file, to: Network.town).hasGap) }
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
        try network.carry(from: Network.town, to: Network.village)
        #expect(try network.unsent(at: Network.village) == 0)
        #expect(try network.export(at: Network.village, to: Network.town).report.changeSets == 0)
    }

    /// The gap is filled by the line: what the sticks brought behind it is not asked for again.
    @Test func theLineFillsTheGap() throws {
        let (network, files) = try threeVolumes()
        for number in [1, 2] { try network.bring(files[number], to: Network.town) }
        let report = try #require(try network.exchange(Network.village)).child
        _ = try network.exchange(Network.village)
        #expect(report.comparison == nil)
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
        #expect(try network.unsent(at: Network.village) == 0)
        let idle = try #require(try network.exchange(Network.village)).child
        #expect(idle.sentBatches == 0 && idle.receivedBatches == 0)
    }

    @Test func anotherStickGoesOnWhereTheLastOneEnded() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        #expect(throws: BundleError.nothingToContinue(UnitCode(Network.town)!)) {
            try network.export(at: Network.village, to: Network.town, .lastVolume)
        }
        try network.acceptMany(170, at: Network.village)
        var files: [Data] = []
        var start = BundlePlan.Start.confirmed
        for number in 1...3 {
            let stick = try network.export(
                at: Network.village, to: Network.town, start, volumeBytes: Self.volumeBytes, volumes: 1)
            #expect(stick.files.count == 1 && stick.report.isWhole == (number == 3))
            files += stick.files
            start = .lastVolume
        }
        let headers = try files.map { try BundleVolume.header(ofFile: $0) }
        #expect(Set(headers.map(\.bundle)).count == 1 && headers.map(\.volume) == [1, 2, 3])
        #expect(headers.map(\.last) == [false, false, true])
        // What has come since goes on a stick of its own, before anything was confirmed.
        try network.acceptMany(2, at: Network.village, from: 200)
        let more = try network.export(at: Network.village, to: Network.town, .lastVolume)
        #expect(more.report.changeSets == 2)
        for file in more.files + files.reversed() { try network.bring(file, to: Network.town) }
        #expect(try network.fingerprints(of: Network.village, at: Self.both).count == 1)
        #expect(try !network.bring(more.files[0], to: Network.town).hasGap)
    }

    /// From the beginning, for who was met: it takes several sticks as well.
    @Test func aFreshBeginningGoesOnToo() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network.acceptMany(170, at: Network.village)
        try network.settle(rounds: 1)
        var files: [Data] = []
        for start in [BundlePlan.Start.beginning, .lastVolume, .lastVolume] {
            let stick = try network.export(
                at: Network.village, to: Network.town, start, volumeBytes: Self.volumeBytes, volumes: 1)
            #expect(stick.report.isFromBeginning && stick.report.isContinued == (start == .lastVolume))
            files += stick.files
        }
        let headers = try files.map { try BundleVolume.header(ofFile: $0) }
        #expect(Set(headers.map(\.bundle)).count == 1 && headers.map(\.last) == [false, false, true])
        #expect(headers.allSatisfy { $0.recipientIncarnation == 0 })
        for file in files { #expect(try network.bring(file, to: Network.town).newChangeSets == 0) }
        #expect(throws: BundleError.nothingToContinue(UnitCode(Network.village)!)) {
            try network.export(at: Network.town, to: Network.village, .lastVolume)
        }
    }

    @Test func whatDoesNotFitIsSaid() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county)
        #expect(throws: BundleError.self) {
            try network.export(at: Network.county, to: Network.city, volumeBytes: 2000)
        }
    }

    /// A run that was written in one go, of what does not compress, and a volume that is smaller than it.
    @Test func theSizeThatIsEnoughIsNamed() throws {
        let network = try Network([Network.city, Network.county])
        var generator = SeededGenerator(state: 5)
        let place = try network.accept(at: Network.county).creation
        for _ in 0..<12 {
            let noise = Data((0..<4500).map { _ in UInt8.random(in: 0...255, using: &generator) })
            try network.act(
                .amend, at: Network.county, on: place, fields: ["form.reason": noise.base64EncodedString()])
        }
        for least in [Limits.smallestVolumeBytes / 4, Limits.smallestVolumeBytes] {
            var enough: Int?
            do {
                _ = try network.export(at: Network.county, to: Network.city, .beginning, volumeBytes: least)
            } catch BundleError.volumeTooSmall(least, enough: let wanted) {
                enough = wanted
            }
            let size = try #require(enough)
            #expect(size > least)
            let stick = try network.export(at: Network.county, to: Network.city, .beginning, volumeBytes: size)
            #expect(stick.report.isWhole && stick.files.allSatisfy { $0.count <= size })
            for file in stick.files { try network.bring(file, to: Network.city) }
        }
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
    }
}
