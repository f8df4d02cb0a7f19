import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// Judges that read what has not changed look seldom; those that take an old file for the present one see nothing.
@Suite struct FileMemoryTests {
    private static let city = "37", village = "371"

    private static func network() throws -> SimulatedNetwork {
        let units = [(city, nil, 0), (village, city, 1)].map { code, parent, tier in
            UnitEntry(code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
        }
        return try SimulatedNetwork(units: units, tiers: ["city", "village"], nodes: units.map(\.code.text), seed: 4)
    }

    private static func held(_ network: SimulatedNetwork, _ files: FileMemory) throws -> Int? {
        try World(network, files).replicas[village]?.journal.rows.count
    }

    @Test func onlyWhatHasChangedIsReadAgain() throws {
        let network = try Self.network(), files = FileMemory()
        _ = try World(network, files)
        // What the reading itself leaves on a disk is no change.
        let first = files.reads
        _ = try World(network, files)
        #expect(files.reads == first)
        try network.accept(at: Self.village)
        let before = try #require(try Self.held(network, files))
        #expect(files.reads == first + 1)
        try network.accept(at: Self.village)
        #expect(try Self.held(network, files) == before + 1)
    }

    /// After everything that brings another file, or another state of it, in place of the one that was read.
    @Test func whatComesInPlaceOfAFileIsRead() throws {
        let network = try Self.network(), files = FileMemory()
        let old = try network.copyOfDisk(Self.village), backup = try network.backUp(Self.village)
        func fresh() throws -> Int? { try Self.held(network, FileMemory()) }
        func same(_ comment: Comment) throws {
            let now = try Self.held(network, files)
            #expect(try now == fresh(), comment)
        }
        let begin = try Self.held(network, files)
        try network.accept(at: Self.village)
        try network.accept(at: Self.village)
        try same("accepted")
        try network.kill(Self.village)
        try same("killed")
        try network.crash(Self.village, leaving: old)
        #expect(try Self.held(network, files) == begin)
        try network.accept(at: Self.village)
        try same("accepted once more")
        try network.restore(backup, at: Self.village)
        try same("restored")
        try network.accept(at: Self.village)
        let copy = try network.clone(Self.village)
        try network.accept(at: Self.village)
        try same("cloned")
        let first = try network.sit(Self.village, at: copy)
        try same("at the other machine")
        try network.sit(Self.village, at: first)
        try same("back at the first")
        try network.exchange(Self.village)
        try network.accept(at: Self.village)
        network.disk(Self.village).losePower(leaving: .nothing)
        try network.powerOn(Self.village)
        try same("power lost")
        network.drop(Self.village)
        try network.enroll(Self.village)
        try same("another machine")
    }
}
