import Foundation
import ServiceModel

/// Why a parent refused a request.
package enum EnrollmentRefusal: CodedError, Hashable, Sendable {
    /// No code of this node is meant.
    case unknownCode
    /// Its sender does not know the code, or the request was altered.
    case badProof
    /// The TLS connection was made with another key than the request's.
    case otherKey
    /// The code was issued for another unit than the request's.
    case wrongUnit(UnitCode)
    /// Another node used the code.
    case used
    /// Seconds since 1970.
    case expired(at: Int64)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .unknownCode: "enrollment.unknownCode"
        case .badProof: "enrollment.badProof"
        case .otherKey: "enrollment.otherKey"
        case .wrongUnit: "enrollment.wrongUnit"
        case .used: "enrollment.used"
        case .expired: "enrollment.expired"
        }
    }

    package var words: Words {
        switch self {
        case .unknownCode:
            Words(
                "the parent did not issue the code: check the address, or ask for a new code",
                "上级没有签发过此登记码：请核对地址，或索取新的登记码")
        case .badProof:
            Words(
                "the code does not fit the request: type it again, or ask for a new one",
                "登记码与申请不符：请重新输入，或索取新的登记码")
        case .otherKey:
            Words(
                "the connection and the request use different keys: start the enrollment again",
                "连接与申请使用了不同的密钥：请重新开始登记")
        case .wrongUnit(let unit):
            Words(
                "the code was not issued for \(unit): check the unit code, or ask for a new code",
                "登记码不是为\(unit)签发的：请核对单位代码，或索取新的登记码")
        case .used:
            Words(
                "the code was used by another node: ask for a new code, and whoever issued it to find out by which",
                "登记码已被另一节点使用：请索取新的登记码，并请签发者查明是哪一个")
        case .expired(let time):
            Words(
                "the code was valid until \(CivilTime.text(time)): ask for a new one",
                "登记码的有效期到\(CivilTime.text(time))为止：请索取新的登记码")
        }
    }
}

/// What a parent is to do about a request that it does not refuse.
package enum EnrollmentDecision: Hashable, Sendable {
    /// Issue a certificate for the next ordinal of the unit, and keep the entry as `granting` gives it in the same
    /// transaction, before anything is answered.
    case issue(unit: UnitCode, publicKey: P256PublicKey)
    /// Answer once more what was answered: the answer was lost on its way.
    case again(EnrollmentGrant)
}

/// One code that a parent issued.
package struct EnrollmentLedgerEntry: Hashable, Sendable {
    package let verifier: EnrollmentVerifier
    package let unit: UnitCode
    /// Seconds since 1970, the first at which the code is not taken any more.
    package let expires: Int64
    /// What was answered, once the code is used.
    package let grant: EnrollmentGrant?

    package init(_ verifier: EnrollmentVerifier, unit: UnitCode, expires: Int64, grant: EnrollmentGrant? = nil) {
        self.verifier = verifier
        self.unit = unit
        self.expires = expires
        self.grant = grant
    }

    /// Decides about a request. Who does not know the code learns nothing of the entry.
    /// - Parameters:
    ///   - presented: the key of the client's certificate in TLS.
    ///   - now: seconds since 1970.
    package func accept(
        _ request: EnrollmentRequest,
        presented: P256PublicKey,
        now: Int64
    ) -> Result<EnrollmentDecision, EnrollmentRefusal> {
        guard request.codeIdentifier == verifier.identifier else { return .failure(.unknownCode) }
        guard request.isProven(with: verifier) else { return .failure(.badProof) }
        guard request.publicKey == presented else { return .failure(.otherKey) }
        guard request.unit == unit else { return .failure(.wrongUnit(request.unit)) }
        if let grant { return grant.chain.leaf.publicKey == presented ? .success(.again(grant)) : .failure(.used) }
        guard now < expires else { return .failure(.expired(at: expires)) }
        return .success(.issue(unit: unit, publicKey: presented))
    }

    /// The entry after `grant` was issued for it.
    package func granting(_ grant: EnrollmentGrant) -> EnrollmentLedgerEntry {
        EnrollmentLedgerEntry(verifier, unit: unit, expires: expires, grant: grant)
    }
}

extension Sequence<EnrollmentLedgerEntry> {
    /// The entry whose code the request names; none means `EnrollmentRefusal.unknownCode`.
    package func entry(for request: EnrollmentRequest) -> EnrollmentLedgerEntry? {
        first { $0.verifier.identifier == request.codeIdentifier }
    }
}
