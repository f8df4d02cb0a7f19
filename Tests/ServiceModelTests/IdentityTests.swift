import Testing

@testable import ServiceModel

@Test func bytes16RoundTrip() throws {
    let value = Bytes16(high: 0x0102, low: .max)
    #expect(Bytes16(value.bytes) == value)
    #expect(Bytes16(hex: value.description) == value)
    #expect(Bytes16([1, 2, 3]) == nil)
    #expect(Bytes16(hex: "zz") == nil)
}
