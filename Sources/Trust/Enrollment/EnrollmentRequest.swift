import Foundation
import ServiceModel

/// What a new node sends: for which unit, with which key, and the proof that it knows the code.
package struct EnrollmentRequest: Hashable, Sendable {
    package let unit: UnitCode
    package let publicKey: P256PublicKey
    /// How the hall calls itself; for people, never for decisions.
    package let hall: String?
    /// Says which code is meant, see `EnrollmentVerifier.identifier`.
    package let codeIdentifier: Data
    /// HMAC-SHA256 with the verifier over `provenContent`.
    package let proof: Data

    /// Most bytes of a request in JSON.
    package static let largest = 4 * 1024
    /// Longest name of a hall, in characters; four times as many UTF-8 bytes.
    package static let longestHall = 100

    /// - Throws: `EnrollmentMessageProblem.field` for a hall's name that is empty, too long or has control characters.
    package init(
        _ code: EnrollmentCode,
        unit: UnitCode,
        publicKey: P256PublicKey,
        hall: String? = nil
    ) throws(EnrollmentMessageProblem) {
        let verifier = EnrollmentVerifier(code)
        try self.init(
            unit: unit,
            publicKey: publicKey,
            hall: hall,
            codeIdentifier: verifier.identifier,
            proof: verifier.proof(over: Self.provenContent(unit, publicKey, hall))
        )
    }

    private init(
        unit: UnitCode,
        publicKey: P256PublicKey,
        hall: String?,
        codeIdentifier: Data,
        proof: Data
    ) throws(EnrollmentMessageProblem) {
        if let hall {
            guard !hall.isEmpty, hall.count <= Self.longestHall, hall.utf8.count <= 4 * Self.longestHall,
                hall.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw .field("hall") }
        }
        guard codeIdentifier.count == EnrollmentVerifier.identifierLength else { throw .field("code") }
        guard proof.count == EnrollmentVerifier.proofLength else { throw .field("proof") }
        self.unit = unit
        self.publicKey = publicKey
        self.hall = hall
        self.codeIdentifier = codeIdentifier
        self.proof = proof
    }

    /// Whether its sender knew the code.
    func isProven(with verifier: EnrollmentVerifier) -> Bool {
        verifier.isValid(proof, over: Self.provenContent(unit, publicKey, hall))
    }

    /// `terrace-enroll-1` ‖ public key, 64 bytes ‖ unit code, and where a hall is named 0x00 ‖ its name.
    private static func provenContent(_ unit: UnitCode, _ publicKey: P256PublicKey, _ hall: String?) -> Data {
        var content = Data("terrace-enroll-1".utf8)
        content.append(publicKey.raw)
        content.append(contentsOf: unit.text.utf8)
        if let hall {
            content.append(0)
            content.append(contentsOf: hall.utf8)
        }
        return content
    }
}

extension EnrollmentRequest {
    private struct Wire: Codable, EnrollmentWire {
        let version: Int
        let unit: String
        let publicKey: Data
        let hall: String?
        let code: Data
        let proof: Data
    }

    /// Reads JSON of at most `largest` bytes.
    /// - Throws: `EnrollmentMessageProblem`.
    package init(json: Data) throws(EnrollmentMessageProblem) {
        let wire = try EnrollmentJSON.decode(Wire.self, from: json, limit: Self.largest)
        guard let unit = UnitCode(wire.unit) else { throw .field("unit") }
        guard let publicKey = P256PublicKey(raw: wire.publicKey) else { throw .field("publicKey") }
        try self.init(
            unit: unit,
            publicKey: publicKey,
            hall: wire.hall,
            codeIdentifier: wire.code,
            proof: wire.proof
        )
    }

    /// JSON, byte strings in base 64.
    package var json: Data {
        get throws(EnrollmentMessageProblem) {
            try EnrollmentJSON.encode(
                Wire(
                    version: EnrollmentJSON.version,
                    unit: unit.text,
                    publicKey: publicKey.raw,
                    hall: hall,
                    code: codeIdentifier,
                    proof: proof
                )
            )
        }
    }
}
