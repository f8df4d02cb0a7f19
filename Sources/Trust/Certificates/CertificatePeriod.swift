import Foundation

/// The seconds in which a certificate gates connections, both ends included. History never asks.
package struct CertificatePeriod: Hashable, Sendable {
    /// Seconds since 1970.
    package let from: Int64
    /// Seconds since 1970.
    package let until: Int64

    /// 1950-01-01T00:00:00Z, the first moment that a certificate can name.
    package static let earliest: Int64 = -631_152_000
    /// 9999-12-31T23:59:59Z, "no end" in RFC 5280, 4.1.2.5.
    package static let latest: Int64 = 253_402_300_799

    /// nil when the end is before the beginning, or when one of them is outside `earliest...latest`.
    package init?(from: Int64, until: Int64) {
        guard from <= until, from >= Self.earliest, until <= Self.latest else { return nil }
        self.from = from
        self.until = until
    }

    /// As a certificate has it; nil on the conditions above.
    init?(from: Date, until: Date) {
        guard let from = Int64(exactly: from.timeIntervalSince1970),
            let until = Int64(exactly: until.timeIntervalSince1970)
        else { return nil }
        self.init(from: from, until: until)
    }

    private init() {
        from = Self.earliest
        until = Self.latest
    }

    /// From the first to the last moment that a certificate can name.
    static let always = CertificatePeriod()

    /// - Parameter time: seconds since 1970.
    package func contains(_ time: Int64) -> Bool { from <= time && time <= until }

    var notBefore: Date { Date(timeIntervalSince1970: TimeInterval(from)) }
    var notAfter: Date { Date(timeIntervalSince1970: TimeInterval(until)) }
}
