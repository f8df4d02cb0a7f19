import Foundation
import Testing

@testable import Trust

/// Only the holder of the key reads it, only under the same context, and only unchanged.
@Test func encryptionBindsKeyContextAndContent() throws {
    let key = NodeKey.generate()
    let plain = Data("a village's week".utf8)
    let context = Data("header".utf8)
    let sealed = try key.publicKey.encrypt(plain, boundTo: context)
    #expect(sealed.count == plain.count + P256PublicKey.encryptionOverhead)
    #expect(sealed != (try key.publicKey.encrypt(plain, boundTo: context)))
    #expect(key.decrypt(sealed, boundTo: context) == plain)
    #expect(key.decrypt(Data([0] + sealed).dropFirst(), boundTo: context) == plain, "a slice is as good")
    #expect(NodeKey.generate().decrypt(sealed, boundTo: context) == nil)
    #expect(key.decrypt(sealed, boundTo: Data("Header".utf8)) == nil)
    #expect(key.decrypt(sealed.dropLast(), boundTo: context) == nil)
    #expect(key.decrypt(Data(), boundTo: context) == nil)
    for at in sealed.indices {
        var changed = sealed
        changed[at] ^= 1
        #expect(key.decrypt(changed, boundTo: context) == nil, "byte \(at)")
    }
}
