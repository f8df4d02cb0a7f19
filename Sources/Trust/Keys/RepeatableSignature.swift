import Crypto
import Foundation

/// ECDSA on P-256 whose nonce follows from key and content (RFC 6979), so that the same key signs the same content with
/// the same bytes. For simulations that must be run again to the byte: the time that it takes depends on the secret.
struct RepeatableSignature {
    let key: P256.Signing.PrivateKey

    /// 64 bytes, r before s.
    func signature(for content: Data) -> Data {
        let digest = Data(SHA256.hash(data: content))
        let secret = key.rawRepresentation
        var nonces = NonceSequence(secret: secret, digest: ScalarOfP256(digest).bytes)
        while true {
            let nonce = nonces.next()
            guard let point = try? P256.Signing.PrivateKey(rawRepresentation: nonce).publicKey.rawRepresentation
            else { continue }
            let r = ScalarOfP256(point.prefix(32))
            let s = ScalarOfP256(nonce).inverse * (ScalarOfP256(digest) + r * ScalarOfP256(secret))
            if !r.isZero, !s.isZero { return r.bytes + s.bytes }
        }
    }
}

/// The candidates for a nonce, RFC 6979, 3.2.
private struct NonceSequence {
    private var key: Data
    private var value = Data(repeating: 1, count: 32)
    private var isFirst = true

    init(secret: Data, digest: Data) {
        key = Data(repeating: 0, count: 32)
        for mark: UInt8 in [0, 1] {
            key = mac(value + [mark] + secret + digest)
            value = mac(value)
        }
    }

    mutating func next() -> Data {
        if !isFirst {
            key = mac(value + [0])
            value = mac(value)
        }
        isFirst = false
        value = mac(value)
        return value
    }

    private func mac(_ bytes: Data) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }
}

/// A number modulo the order of the curve's group.
struct ScalarOfP256: Equatable {
    /// 64 bits each, the least first.
    private var limbs: [UInt64]

    private static let order: [UInt64] = [
        0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000,
    ]

    private init(limbs: [UInt64]) { self.limbs = limbs }

    /// - Parameter bytes: 32, big-endian; what is not below the order is reduced.
    init(_ bytes: Data) {
        limbs = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { limbs[3 - index / 8] |= UInt64(byte) << UInt64(56 - index % 8 * 8) }
        if !Self.isBelowOrder(limbs) { _ = Self.subtract(Self.order, from: &limbs) }
    }

    var bytes: Data {
        Data(
            limbs.reversed().flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> UInt64(56 - $0 * 8)) } })
    }

    var isZero: Bool { limbs.allSatisfy { $0 == 0 } }

    static func + (a: ScalarOfP256, b: ScalarOfP256) -> ScalarOfP256 {
        var sum = a.limbs
        let carries = add(b.limbs, to: &sum)
        if carries || !isBelowOrder(sum) { _ = subtract(order, from: &sum) }
        return ScalarOfP256(limbs: sum)
    }

    static func - (a: ScalarOfP256, b: ScalarOfP256) -> ScalarOfP256 {
        var difference = a.limbs
        if subtract(b.limbs, from: &difference) { _ = add(order, to: &difference) }
        return ScalarOfP256(limbs: difference)
    }

    static func * (a: ScalarOfP256, b: ScalarOfP256) -> ScalarOfP256 {
        var product = ScalarOfP256(limbs: [0, 0, 0, 0])
        for bit in (0..<256).reversed() {
            product = product + product
            if b.limbs[bit / 64] >> UInt64(bit % 64) & 1 == 1 { product = product + a }
        }
        return product
    }

    /// - Precondition: it is not zero.
    var inverse: ScalarOfP256 {
        precondition(!isZero)
        var (u, v) = (self, ScalarOfP256(limbs: Self.order))
        var (x, y) = (ScalarOfP256(limbs: [1, 0, 0, 0]), ScalarOfP256(limbs: [0, 0, 0, 0]))
        let one = x
        while u != one, v != one {
            while u.isEven {
                u.limbs = Self.halved(u.limbs, carry: false)
                x = x.half
            }
            while v.isEven {
                v.limbs = Self.halved(v.limbs, carry: false)
                y = y.half
            }
            if Self.isBelow(u.limbs, v.limbs) {
                _ = Self.subtract(u.limbs, from: &v.limbs)
                y = y - x
            } else {
                _ = Self.subtract(v.limbs, from: &u.limbs)
                x = x - y
            }
        }
        return u == one ? x : y
    }

    private var isEven: Bool { limbs[0] & 1 == 0 }

    /// What twice itself is this.
    private var half: ScalarOfP256 {
        var sum = limbs
        let carries = isEven ? false : Self.add(Self.order, to: &sum)
        return ScalarOfP256(limbs: Self.halved(sum, carry: carries))
    }

    private static func halved(_ limbs: [UInt64], carry: Bool) -> [UInt64] {
        (0..<4).map { limbs[$0] >> 1 | ($0 < 3 ? limbs[$0 + 1] : carry ? 1 : 0) << 63 }
    }

    private static func isBelow(_ a: [UInt64], _ b: [UInt64]) -> Bool {
        for index in (0..<4).reversed() where a[index] != b[index] { return a[index] < b[index] }
        return false
    }

    private static func isBelowOrder(_ limbs: [UInt64]) -> Bool { isBelow(limbs, order) }

    /// - Returns: the carry.
    private static func add(_ a: [UInt64], to sum: inout [UInt64]) -> Bool {
        var carry = false
        for index in 0..<4 {
            let (part, first) = sum[index].addingReportingOverflow(a[index])
            let (whole, second) = part.addingReportingOverflow(carry ? 1 : 0)
            sum[index] = whole
            carry = first || second
        }
        return carry
    }

    /// - Returns: the borrow.
    private static func subtract(_ a: [UInt64], from difference: inout [UInt64]) -> Bool {
        var borrow = false
        for index in 0..<4 {
            let (part, first) = difference[index].subtractingReportingOverflow(a[index])
            let (whole, second) = part.subtractingReportingOverflow(borrow ? 1 : 0)
            difference[index] = whole
            borrow = first || second
        }
        return borrow
    }
}
