import ServiceModel

@testable import terrace

/// The catalog files that the tests read.
enum CatalogFiles {
    /// Reference rows that stand beside the project on some machines.
    static let reference = ProjectFiles.reference("catalog-items.csv")
    static var hasReference: Bool { ProjectFiles.exists(reference) }

    static func reading(_ name: String) throws -> CatalogReading {
        try CatalogFile.read(path: ProjectFiles.path("fixtures/catalog/\(name)"))
    }

    /// The items of a file that has no refusals.
    static func items(_ name: String) throws -> [CatalogItem] { try reading(name).entries.map { try $0.item.get() } }

    static func reading(text: String, tiers: TierNames = .usual) throws -> CatalogReading {
        try CatalogFile.read(Array(text.utf8), tiers: tiers)
    }

    /// Line and code of each refusal.
    static func refusals(_ reading: CatalogReading) -> [String] {
        reading.entries.compactMap { line, item in
            if case .failure(let refusal) = item { "\(line) \(refusal.code)" } else { nil }
        }
    }
}
