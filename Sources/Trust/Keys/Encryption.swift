import Crypto
import Foundation

/// Encryption to a node: HPKE (RFC 9180) in base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Who gets
/// hold of the node's key later reads what was encrypted to it before.
private enum Encryption {
    static let suite = HPKE.Ciphersuite.P256_SHA256_AES_GCM_256
    /// The encapsulated key: a point of the curve, uncompressed.
    static let encapsulated = 65
    static let tag = 16
}

extension P256PublicKey {
    /// Bytes that encryption adds.
    package static let encryptionOverhead = Encryption.encapsulated + Encryption.tag

    /// Encrypts to the holder of this key: the encapsulated key, then the ciphertext with its tag.
    /// - Parameter context: what both ends know, without which it cannot be read.
    /// - Throws: `KeyProblem.encrypting`.
    package func encrypt(_ plain: Data, boundTo context: Data) throws(KeyProblem) -> Data {
        do {
            let recipient = try P256.KeyAgreement.PublicKey(rawRepresentation: raw)
            var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: Encryption.suite, info: context)
            let sealed = try sender.seal(plain)
            return sender.encapsulatedKey + sealed
        } catch {
            throw .encrypting(kind: NodeKey.kind)
        }
    }
}

extension NodeKey {
    /// Reads what was encrypted to this key under the same context; nil for anything else.
    package func decrypt(_ sealed: Data, boundTo context: Data) -> Data? {
        guard sealed.count >= P256PublicKey.encryptionOverhead,
            let key = try? P256.KeyAgreement.PrivateKey(rawRepresentation: key.rawRepresentation),
            var recipient = try? HPKE.Recipient(
                privateKey: key, ciphersuite: Encryption.suite, info: context,
                encapsulatedKey: Data(sealed.prefix(Encryption.encapsulated)))
        else { return nil }
        return try? recipient.open(Data(sealed.dropFirst(Encryption.encapsulated)))
    }
}
