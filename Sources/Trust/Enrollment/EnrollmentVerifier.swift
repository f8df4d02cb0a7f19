import Crypto
import Foundation
import ServiceModel

/// What the parent keeps of a code: the SHA-256 of its secret, which is also the key of both proofs. Whoever reads it
/// could use an unused code, so it is kept like a password's hash; the code itself cannot be printed again from it.
package struct EnrollmentVerifier: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// 32 bytes.
    package let bytes: Data

    package static let length = 32
    /// Length of `identifier`, in bytes.
    package static let identifierLength = 8
    /// Length of a proof, in bytes.
    package static let proofLength = 32

    package init(_ code: EnrollmentCode) { bytes = Data(SHA256.hash(data: code.secret)) }

    /// As it was kept; nil unless 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = Data(bytes)
    }

    /// Says which code a request is about, and nothing more.
    package var identifier: Data {
        var hash = SHA256()
        hash.update(data: Data("terrace-enroll-id-1".utf8))
        hash.update(data: bytes)
        return Data(hash.finalize().prefix(Self.identifierLength))
    }

    func proof(over content: Data) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: bytes)))
    }

    /// Takes the same time whatever the proof.
    func isValid(_ proof: Data, over content: Data) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(proof, authenticating: content, using: SymmetricKey(data: bytes))
    }

    /// Never the secret.
    package var description: String { "enrollment verifier" }
    package var debugDescription: String { description }
}
