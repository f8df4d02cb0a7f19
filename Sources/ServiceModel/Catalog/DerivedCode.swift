/// The code of an item that came without one: the same for the same department and name on every machine.
package enum DerivedCode {
    /// Digits and letters that are not taken for one another.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// `AUTO` and 13 characters in three parts: FNV-1a of 64 bits over the UTF-8 of department, U+001F and name, five
    /// bits a character, the highest first. It tells items of one catalog apart and proves nothing.
    package static func code(department: String, name: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array(department.utf8) + [0x1F] + Array(name.utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        var out = "AUTO"
        for (place, shift) in stride(from: 60, through: 0, by: -5).enumerated() {
            if place == 0 || place == 4 || place == 8 { out += "-" }
            out.unicodeScalars.append(Unicode.Scalar(alphabet[Int(hash >> UInt64(shift) & 31)]))
        }
        return out
    }
}
