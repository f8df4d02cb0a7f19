import ServiceModel
import SwiftASN1
import X509

/// A node as its certificate names it: the unit, its tier, and which of the unit's enrollments this is.
package struct NodeName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let unit: UnitCode
    /// Rank of the unit when the certificate was issued, 0 at the top. Power comes from the charter, never from here.
    package let tier: Int
    /// Ordinal of the node in its unit, from 1, in order of enrollment.
    package let ordinal: UInt32

    /// Tiers that can be named.
    package static let tiers = 0...15

    /// nil for a tier outside `tiers` and for ordinal 0.
    package init?(unit: UnitCode, tier: Int, ordinal: UInt32) {
        guard Self.tiers.contains(tier), ordinal >= 1 else { return nil }
        self.unit = unit
        self.tier = tier
        self.ordinal = ordinal
    }

    package static func < (a: NodeName, b: NodeName) -> Bool {
        (a.unit, a.ordinal, a.tier) < (b.unit, b.ordinal, b.tier)
    }

    /// For people: unit and ordinal.
    package var description: String { "\(unit)#\(ordinal)" }

    /// The name under which TLS meets the node, the same for ever, found in no directory:
    /// `n7.u371602-bz-180.terrace.invalid` for the seventh node of `371602-BZ`.
    ///
    /// DNS knows neither case nor `_`, so the second label is `u`, the unit code in lower case with `-` for `_`, `-`,
    /// and a hexadecimal number whose bit i says that character i was upper case or `_`. Different nodes have
    /// different names; at most 42 characters in a label, where DNS allows 63.
    package var dnsName: String {
        var folded: [UInt8] = []
        var changed: UInt64 = 0
        for (i, byte) in unit.text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                folded.append(byte | 0x20)
                changed |= 1 << UInt64(i)
            case UInt8(ascii: "_"):
                folded.append(UInt8(ascii: "-"))
                changed |= 1 << UInt64(i)
            default: folded.append(byte)
            }
        }
        let label = String(decoding: folded, as: UTF8.self)
        return "n\(ordinal).u\(label)-\(String(changed, radix: 16)).terrace.invalid"
    }
}

extension NodeName {
    /// CN = unit code, OU = `tier-N`, serialNumber = ordinal.
    var subject: DistinguishedName {
        let digits = String(ordinal)
        // X.520 wants a PrintableString here; digits always are one.
        let ordinal =
            (try? RelativeDistinguishedName.Attribute.Value(printableString: digits))
            ?? RelativeDistinguishedName.Attribute.Value(utf8String: digits)
        return DistinguishedName([
            RelativeDistinguishedName(
                .init(type: .RDNAttributeType.commonName, value: .init(utf8String: unit.text))
            ),
            RelativeDistinguishedName(
                .init(type: .RDNAttributeType.organizationalUnitName, value: .init(utf8String: "tier-\(tier)"))
            ),
            RelativeDistinguishedName(.init(type: Self.serialNumberAttribute, value: ordinal)),
        ])
    }

    /// nil for every other spelling than that of `subject`.
    init?(subject: DistinguishedName) {
        guard subject.count == 3 else { return nil }
        let texts = subject.compactMap { part in part.count == 1 ? part.first.flatMap { String($0.value) } : nil }
        guard texts.count == 3, let unit = UnitCode(texts[0]), texts[1].hasPrefix("tier-"),
            let tier = Int(texts[1].dropFirst(5)), let ordinal = UInt32(texts[2])
        else { return nil }
        self.init(unit: unit, tier: tier, ordinal: ordinal)
        guard self.subject == subject else { return nil }
    }

    /// X.520, 5.2.9.
    private static let serialNumberAttribute: ASN1ObjectIdentifier = [2, 5, 4, 5]
}
