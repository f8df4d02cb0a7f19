import Foundation
import ServiceModel

/// What a catalog file says: an entry for each item of a JSON array or row of a table.
package struct CatalogReading: Sendable {
    /// Line where the entry begins, from 1, and the item or why it was refused. An entry that repeats an earlier one
    /// word for word is there twice; one that contradicts an earlier one of the same code is refused.
    package let entries: [(line: Int, item: Result<CatalogItem, CatalogRefusal>)]
    /// Parts that the file speaks about. A table without materials says nothing about them; it does not deny them.
    package let parts: Set<CatalogPart>

    init(_ read: [(line: Int, item: Result<CatalogItem, CatalogRefusal>)], parts: Set<CatalogPart>) {
        var first: [String: (line: Int, item: CatalogItem)] = [:]
        entries = read.map { line, result in
            guard case .success(let item) = result else { return (line, result) }
            guard let earlier = first[item.code] else {
                first[item.code] = (line, item)
                return (line, result)
            }
            let alike = earlier.item == item
            return (line, alike ? result : .failure(.duplicate(code: item.code, line: earlier.line)))
        }
        self.parts = parts
    }
}

/// A part of an item that a file may or may not speak about. Code, name, kind, department and decider are in every
/// file.
package enum CatalogPart: CaseIterable, Sendable {
    case aliases, tags, lifeEvents, list, departmentUnit, creditCode, basis, accepting, route, materials, form
    case statutory, promised, fee, result, from, until, window, phone, hours, note
}

/// Catalog files: JSON arrays of items and tables of rows.
package enum CatalogFile {
    /// Longest file, in bytes.
    package static let longest = CSVReader.Limits().file
    /// Most entries of a file.
    package static let mostItems = 100_000

    /// Reads a file whose first sign tells its form: `[` begins JSON, anything else is a table.
    /// - Throws: `CatalogFileError`, `CSVError`, or Foundation's error when the file cannot be read.
    package static func read(path: String, tiers: TierNames = .usual) throws -> CatalogReading {
        try read(try BoundedFile.bytes(path: path, limit: longest), tiers: tiers)
    }

    /// - Throws: `CatalogFileError`, `CSVError`.
    package static func read(_ bytes: [UInt8], tiers: TierNames = .usual) throws -> CatalogReading {
        guard bytes.count <= longest else { throw CatalogFileError.tooLong(limit: longest) }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        if text.first(where: { !blanks.contains($0) }) == UInt8(ascii: "[") {
            return try CatalogJSON.read(text, tiers: tiers)
        }
        return try CatalogCSV.read(bytes, tiers: tiers)
    }
}
