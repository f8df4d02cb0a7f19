/// Text as people type or paste codes, brought to the form in which codes are printed.
package enum TypedText {
    /// Full-width forms made narrow, dashes of every kind made `-`, letters made capital, blank characters removed or,
    /// on request, kept as a single space each.
    package static func narrowed(_ text: some StringProtocol, keepingBlanks: Bool = false) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x20, 0x09, 0xA0, 0x2002...0x200B, 0x3000:
                if keepingBlanks { out.unicodeScalars.append(" ") }
            case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D:
                out.unicodeScalars.append("-")
            case 0xFF01...0xFF5E:
                if let narrow = Unicode.Scalar(scalar.value - 0xFEE0) { out.unicodeScalars.append(capital(narrow)) }
            default:
                out.unicodeScalars.append(capital(scalar))
            }
        }
        return out
    }

    private static func capital(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard ("a"..."z").contains(scalar) else { return scalar }
        return Unicode.Scalar(UInt8(ascii: scalar) - 32)
    }
}

/// How much a mistake in a code weighs.
package enum CodeSeverity: String, Hashable, Sendable {
    /// The code cannot be what it claims to be.
    case error
    /// Codes like this are in use: tell the clerk and go on.
    case warning
}
