extension CatalogLineOutput {
    package static let schema = JSONSchema.object([
        .must("record", .text("author/sequence")), .must("code", .text("")), .must("version", .integer("")),
        .must("owner", .text("code of the unit")), .must("name", .text("")), .must("kind", .text("")),
        .must("department", .text("")), .must("acceptedByTiers", .list(.text(""), "")),
        .must("acceptedByUnits", .list(.text(""), "")), .may("decidedBy", .text("a tier or the code of a unit")),
        .may("promised", .text("a limit: 20w working days, 30d days, 2m months")), .may("statutory", .text("a limit")),
        .must("instant", .flag("")), .may("offeredFrom", .text("yyyy-mm-dd")),
        .may("offeredUntil", .text("yyyy-mm-dd")),
        .may("retiredFrom", .text("yyyy-mm-dd")),
    ])
}

extension CatalogItemOutput {
    package static let schema = JSONSchema.object([
        .must("record", .text("author/sequence")), .must("owner", .text("code of the unit")),
        .must("version", .integer("")), .may("offeredBy", .text("code of the unit as which it is shown")),
        .may("retiredFrom", .text("yyyy-mm-dd")), .may("retiredReason", .text("")),
        .must("item", .any("in the form of a catalog file")),
        .must("versions", .list(.object([.must("version", .integer("")), .must("name", .text(""))]), "")),
        .must("overrides", .list(override, "")), .must("others", .list(.text("author/sequence"), "of the same code")),
    ])

    private static let override = JSONSchema.object([
        .must("unit", .text("")), .may("window", .text("")), .may("phone", .text("")), .may("hours", .text("")),
        .may("promised", .text("")), .may("retiredFrom", .text("yyyy-mm-dd")),
        .must("counts", .flag("its unit stands below the owner or is it")),
    ])
}
