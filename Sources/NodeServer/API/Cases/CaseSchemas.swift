extension CaseLineOutput {
    package static let schema = JSONSchema.object([
        .must("receipt", .text("")), .must("item", .text("name of the item")),
        .must("applicant", .text("as its acceptance proposes where that waits")),
        .must("acceptedBy", .text("code of the unit")), .may("phase", .text("")),
        .may("holder", .text("code of the unit that may act")), .must("conflicts", .integer("fields in conflict")),
        .must("requests", .integer("requests and proposals that wait for the holder")),
        .must("pending", .integer("change sets that wait for others")),
    ])
}

extension CaseOutput {
    package static let schema = JSONSchema.object([
        .must("receipt", .text("")), .must("item", .text("code of the item")), .must("itemName", .text("")),
        .must("itemVersion", .integer("")), .must("applicant", .text("as its acceptance proposes where that waits")),
        .must("acceptedBy", .text("code of the unit")),
        .must("acceptedDay", .text("yyyy-mm-dd")), .may("holder", .text("code of the unit that may act")),
        .may("phase", .text("")), .may("outcome", .text("granted or refused")),
        .may("promisedDue", .text("last day of the promised limit, yyyy-mm-dd; left out while the clock stands still")),
        .may("statutoryDue", .text("last day of the limit by law, yyyy-mm-dd")),
        .must("lacksCalendar", .flag("a deadline was counted by weekends alone")),
        .must("fields", .map(.text(""), "by name")),
        .must("seen", .list(.text("name of an act"), "to be sent back with an action")),
        .must("conflicts", .list(conflict, "")),
        .must("trace", .list(act, "what an act builds upon before it, else by time")),
    ])

    private static let conflict = JSONSchema.object([
        .must("field", .text("")), .must("id", .text("")), .must("chosen", .text("")),
        .must("others", .list(.text(""), "")),
    ])

    private static let act = JSONSchema.object([
        .must("name", .text("by which it is seen, admitted and declined")), .must("action", .text("")),
        .must("unit", .text("")), .must("actor", .text("")), .must("day", .text("legal day, yyyy-mm-dd")),
        .must("status", .text("what it came to")), .must("waits", .flag("for an answer of the holder")),
        .may("target", .text("code of the unit to which it gives the case")), .must("text", .text("")),
        .must("fields", .map(.text(""), "")),
        .may("notBefore", .integer("seconds since 1970: it was written after this time of its unit's parent")),
        .may("notAfter", .integer("seconds since 1970: by this time its unit's parent had it")),
        .may("dayDoubt", doubt),
    ])

    private static let doubt = JSONSchema.object([
        .must("code", .text("what speaks against the legal day")), .must("message", .text("")),
    ])
}
