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
        let grant = try EnrollmentGrant(json: Data(answer))
        return try enrollee.take(
            grant, presented: presented.withLockedValue { $0 }, now: now(), entropy: SystemClock.entropy)
    }
}
