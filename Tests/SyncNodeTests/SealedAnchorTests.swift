import Foundation
import Simulator
import Testing

@testable import SyncNode

/// A byte of an anchor that the disk has changed is noticed: else numbers would be given, or sequences sealed, twice.
@Suite struct SealedAnchorTests {
    private static var samples: [Anchor.Content] {
        var known = Anchor.Content.unused
        (known.ceiling, known.author, known.depth, known.heads) = (
            6464, String(repeating: "0a", count: 16), 3, [7, 70, 0]
        )
        var guessed = Anchor.Content.guess(above: .max)
        guessed.beyond = 200_000...300_000
        return [.unused, known, guessed]
    }

    private static func plain(_ content: Anchor.Content) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(content)
    }

    @Test func whatIsWrittenIsRead() throws {
        for content in Self.samples {
            let file = try content.sealed
            #expect(Anchor.Content(sealed: file) == content)
            #expect(try content.sealed == file)
            // As somebody's editor leaves it.
            #expect(Anchor.Content(sealed: file + Data("\n".utf8)) == content)
            let object = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
            #expect((object["sha256"] as? String)?.count == 64 && object["ceiling"] != nil)
        }
    }

    @Test func anyBitThatChangesIsNoticed() throws {
        for content in Self.samples {
            let file = try content.sealed
            for place in file.indices {
                for bit in 0..<8 {
                    var other = file
                    other[place] ^= 1 << bit
                    #expect(Anchor.Content(sealed: other) == nil, "\(String(decoding: other, as: UTF8.self))")
                }
            }
            for length in 0..<file.count { #expect(Anchor.Content(sealed: file.prefix(length)) == nil) }
        }
    }

    /// It is as 0.1.0 wrote it, byte by byte.
    @Test func oneWithoutADigestIsRead() throws {
        for content in Self.samples {
            let file = try Self.plain(content)
            #expect(Anchor.Content(sealed: file) == content)
            let other = String(decoding: file, as: UTF8.self)
            #expect(Anchor.Content(sealed: Data(other.replacing("}", with: #","sha25v":"00"}"#).utf8)) == nil)
            #expect(Anchor.Content(sealed: Data(other.replacing("{", with: "{ ").utf8)) == nil)
        }
        let old = #"{"author":"","ceiling":64,"heads":[0,0,0]}"#
        #expect(Anchor.Content(sealed: Data(old.utf8))?.ceiling == 64)
    }

    @Test func itIsWrittenWithOneAtTheNextChange() throws {
        let network = try Network([Network.city])
        let directory = network.directory(Network.city), anchor = Anchor(directory)
        let content = try #require(try anchor.read())
        try Self.plain(content).write(to: directory.anchor)
        try network.restart(Network.city)
        try network.accept(at: Network.city)
        let after = try #require(try anchor.read())
        #expect(after.ceiling == content.ceiling + Anchor.block)
        let file = try Data(contentsOf: directory.anchor)
        #expect(try after.sealed == file)
    }

    /// A ceiling that came down would give numbers a second time.
    @Test func aDigitThatChangedStopsTheNode() throws {
        let network = try Network([Network.city])
        try network.accept(at: Network.city)
        let file = network.directory(Network.city).anchor
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text.contains(#""ceiling":64,"#))
        try Data(text.replacing(#""ceiling":64,"#, with: #""ceiling":04,"#).utf8).write(to: file)
        #expect(throws: NodeError.badAnchor(file.path)) { try Anchor(network.directory(Network.city)).read() }
        try Data(text.replacing(#""ceiling":64,"#, with: #""ceiling":24,"#).utf8).write(to: file)
        network.drop(Network.city)
        #expect(throws: NodeError.badAnchor(file.path)) { try network.reopen(Network.city) }
    }
}
