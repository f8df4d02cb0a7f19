import ServiceModel
import Testing

@testable import Trust

@Test func cacheIsBoundedAndAsksCharterAndTimeAgain() throws {
    let network = try Network()
    var cache = ChainCache(capacity: 2)
    for unit in ["C1", "T1", "V1", "C1", "C1"] {
        let chain = try cache.verify(
            der: network.der(unit),
            network.anchor,
            lineage: Network.isBelow,
            at: Network.during
        )
        #expect(chain.name.unit.text == unit)
        #expect(cache.count <= 2)
    }
    let der = try network.der("C1")
    #expect(
        problem(CertificateProblem.self) {
            try cache.verify(der: der, network.anchor, lineage: { _, _ in false }, at: nil)
        }?.code == "trust.scope"
    )
    #expect(
        problem(CertificateProblem.self) {
            try cache.verify(der: der, network.anchor, lineage: Network.isBelow, at: .max)
        }?.code == "trust.expired"
    )
    let other = try TrustAnchor(Network("Dezhou").authority)
    #expect(
        problem(CertificateProblem.self) {
            try cache.verify(der: der, other, lineage: Network.isBelow, at: nil)
        }?.code == "trust.wrongNetwork"
    )
    var none = ChainCache(capacity: -3)
    _ = try none.verify(der: der, network.anchor, lineage: Network.isBelow, at: nil)
    #expect(none.count == 1)
}
