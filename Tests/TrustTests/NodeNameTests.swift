import ServiceModel
import SwiftASN1
import Testing
import X509

@testable import Trust

@Test(arguments: [
    ("371602", 1 as UInt32, "n1.u371602-0.terrace.invalid"),
    ("371602-BZ", 7, "n7.u371602-bz-180.terrace.invalid"),
    ("a_b", 1, "n1.ua-b-2.terrace.invalid"),
    ("a-b", 1, "n1.ua-b-0.terrace.invalid"),
    ("A-B", 1, "n1.ua-b-5.terrace.invalid"),
    ("_", .max, "n4294967295.u--1.terrace.invalid"),
])
func dnsNameIsSpelled(unit: String, ordinal: UInt32, expected: String) {
    #expect(NodeName.named(unit, tier: 0, ordinal: ordinal).dnsName == expected)
}

/// All codes of up to four characters out of five that fold upon each other, and the longest codes.
@Test func dnsNamesOfDifferentNodesDiffer() {
    let letters: [Character] = ["a", "A", "-", "_", "1"]
    var codes = [""]
    var all: [String] = []
    for _ in 1...4 {
        codes = codes.flatMap { code in letters.map { code + String($0) } }
        all += codes
    }
    all += [String(repeating: "A", count: 32), String(repeating: "_", count: 32), String(repeating: "a", count: 32)]
    var seen: [String: String] = [:]
    for code in all {
        for ordinal: UInt32 in [1, 11] {
            let name = NodeName.named(code, tier: 0, ordinal: ordinal).dnsName
            #expect(seen.updateValue("\(code)#\(ordinal)", forKey: name) == nil, "\(name)")
            #expect(name == name.lowercased())
            #expect(name.split(separator: ".").allSatisfy { $0.utf8.count <= 63 && $0.first != "-" && $0.last != "-" })
        }
    }
}

@Test func nameIsReadBackFromItsSubject() throws {
    for unit in ["CITY", "a-_Z9", String(repeating: "x", count: 32)] {
        for (tier, ordinal) in [(0, 1 as UInt32), (15, .max)] {
            let name = NodeName.named(unit, tier: tier, ordinal: ordinal)
            #expect(NodeName(subject: name.subject) == name)
        }
    }
    let code = try #require(UnitCode("C1"))
    #expect(NodeName(unit: code, tier: 16, ordinal: 1) == nil)
    #expect(NodeName(unit: code, tier: -1, ordinal: 1) == nil)
    #expect(NodeName(unit: code, tier: 1, ordinal: 0) == nil)
}

/// One spelling only: otherwise two subjects would be one node.
@Test(arguments: [
    ["C1", "tier-1"], ["C1", "tier-1", "1", "1"], ["C 1", "tier-1", "1"], ["C1", "tier-01", "1"],
    ["C1", "tier-+1", "1"],
    ["C1", "Tier-1", "1"], ["C1", "tier-16", "1"], ["C1", "tier-1", "01"], ["C1", "tier-1", "0"],
    ["C1", "tier-1", "+1"],
    ["C1", "tier-1", "4294967296"], ["C1", "tier-1", ""], ["", "tier-1", "1"], [],
])
func otherSpellingsAreNoName(texts: [String]) throws {
    let types: [ASN1ObjectIdentifier] = [
        .RDNAttributeType.commonName, .RDNAttributeType.organizationalUnitName, [2, 5, 4, 5], [2, 5, 4, 5],
    ]
    let parts = try zip(types, texts).map { type, text in
        RelativeDistinguishedName(
            .init(
                type: type,
                value: type == [2, 5, 4, 5] ? try .init(printableString: text) : .init(utf8String: text)
            )
        )
    }
    #expect(NodeName(subject: DistinguishedName(parts)) == nil)
}
