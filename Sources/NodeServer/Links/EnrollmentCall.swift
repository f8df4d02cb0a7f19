import Foundation
import NIOConcurrencyHelpers
import SyncNode
import Trust

/// The call by which a machine becomes a node: over TLS with a certificate of its own making, to a server that is
/// judged when its answer is here.
package enum EnrollmentCall {
    /// - Throws: `LinkError`, `EnrollmentGrantProblem`, `EnrollmentMessageProblem`, and what files throw.
    package static func enroll(
        _ enrollee: Enrollee, at endpoint: PeerEndpoint, now: @escaping @Sendable () -> Moment
    ) async throws -> Node {
        let (grant, presented) = try await ask(enrollee, at: endpoint)
        return try enrollee.take(grant, presented: presented, now: now(), entropy: SystemClock.entropy)
    }

    /// Whether it was this node itself that used a code which is refused as used: its command was cut off late, or is
    /// given a second time.
    /// - Throws: `LinkError`, `EnrollmentGrantProblem`, `EnrollmentMessageProblem`, `EnrollmentCodeProblem`.
    package static func hasUsed(_ code: String, _ node: Node, at endpoint: PeerEndpoint) async throws -> Bool {
        let enrollee = try Enrollee(code: code, of: node)
        do {
            let (grant, presented) = try await ask(enrollee, at: endpoint)
            return try enrollee.isNamed(by: grant, presented: presented)
        } catch let error as LinkError where error.isUsedCode {
            return false
        }
    }

    private static func ask(
        _ enrollee: Enrollee, at endpoint: PeerEndpoint
    ) async throws -> (grant: EnrollmentGrant, presented: [[UInt8]]) {
        let presented = NIOLockedValueBox<[[UInt8]]>([])
        let client = try PeerClient<LinkPeer>(
            endpoint: endpoint,
            identity: try TLSIdentity(chain: [enrollee.certificate.der], key: .pem(enrollee.key.pem)),
            verify: { chain in
                presented.withLockedValue { $0 = chain }
                return .success(.unknown(chain))
            })
        let request = [UInt8](try enrollee.request.json)
        let answer: [UInt8]
        do {
            answer = try await client.request(Route.enrollment.rawValue, body: request)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return (try EnrollmentGrant(json: Data(answer)), presented.withLockedValue { $0 })
    }
}

extension LinkError {
    /// Whether the parent has said that a code was used with another key.
    package var isUsedCode: Bool {
        if case .status(_, let refusal?) = self { refusal.code == EnrollmentRefusal.used.code } else { false }
    }
}
