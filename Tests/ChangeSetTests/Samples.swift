import Crypto
import Foundation
import ServiceModel

@testable import ChangeSet

/// Fixed keys and bytes, so that what is built from them is the same on every machine.
enum Samples {
    static let network = Digest32(hashing: Data("a network".utf8))
    static let author = AuthorID(Bytes16(high: 1, low: 2))
    static let seed = Seed(Data(repeating: 7, count: 16))!
    static let pin = EntryDigest(Bytes16(high: 3, low: 4))
    static let previous = Digest32(hashing: Data("an opening".utf8))

    static var sealKey: Curve25519.Signing.PrivateKey {
        get throws { try .init(rawRepresentation: Data(repeating: 9, count: 32)) }
    }

    static func changeSets(_ count: Int, from first: UInt64 = 1) -> [PlacedChangeSet] {
        (0..<count).map { index in
            let place = Place(author: author, feed: .casework, sequence: first + UInt64(index))
            return PlacedChangeSet(
                place: place, salt: seed.salt(sequence: place.sequence), bytes: Data("change set \(index)".utf8),
                network: network)
        }
    }

    static func run(_ count: Int) throws -> SealedRun {
        try SealedRun(
            sealing: changeSets(count), seed: seed, previous: previous, pin: pin,
            body: .with {
                $0.pin = 5
                $0.time = 1_790_000_000
            }, network: network, key: sealKey)
    }

    static func read(_ wire: WireRun) throws -> SealedRun {
        try SealedRun(
            wire: wire, author: author, feed: .casework, before: nil, network: network, key: sealKey.publicKey)
    }
}

/// SplitMix64: a test's random choices from a seed that it prints.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension Data {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}
