/// An act with what was found out about it.
struct HeldAct: Sendable {
    let act: Act
    let rule: ActionRule?
    /// Slots of the author, of the pin and of the fields of its writes.
    let author: Int
    let pin: Int
    let fields: [Int]
    /// The acts that lie before it, once it is judged.
    var past = IndexBits()
    /// How many they are.
    var depth = 0
    /// Slots of the pins of its past and of its own.
    var pinsSeen = IndexBits()
    /// Nil while it is pending.
    var role: Role?

    var isUnderstood: Bool { act.understood && (rule != nil || !act.mustUnderstand) }
}

/// The held acts of one record by index, in order of arrival, with their authors, pins and fields by slot.
struct RecordActs: Sendable {
    private(set) var held: [HeldAct] = []
    private(set) var index: [Leaf: Int] = [:]
    /// The judged acts, each behind its past.
    private(set) var order: [Int] = []
    /// By author slot; nil while the opening is not known.
    var authors: [Author?] = []
    private(set) var authorIDs: [AuthorID] = []
    private(set) var pins: [EntryDigest] = []
    private(set) var fieldNames: [String] = []
    /// The charter at each pin, by slot, while the acts are folded; nil where the entry is not known.
    var views: [CharterView?] = []
    private var authorSlots: [AuthorID: Int] = [:]
    private var pinSlots: [EntryDigest: Int] = [:]
    private var fieldSlots: [String: Int] = [:]

    /// Nil when the act is held already.
    mutating func add(_ act: Act, rule: ActionRule?) -> Int? {
        guard index[act.leaf] == nil else { return nil }
        index[act.leaf] = held.count
        held.append(
            HeldAct(
                act: act,
                rule: rule,
                author: authorSlot(act.author),
                pin: pinSlot(act.pin),
                fields: act.writes.map { fieldSlot($0.field) }
            )
        )
        return held.count - 1
    }

    private mutating func authorSlot(_ id: AuthorID) -> Int {
        if let last = authorIDs.last, last == id { return authorIDs.count - 1 }
        if let slot = authorSlots[id] { return slot }
        authorSlots[id] = authorIDs.count
        authorIDs.append(id)
        authors.append(nil)
        return authorIDs.count - 1
    }

    private mutating func pinSlot(_ pin: EntryDigest) -> Int {
        if let last = pins.last, last == pin { return pins.count - 1 }
        if let slot = pinSlots[pin] { return slot }
        pinSlots[pin] = pins.count
        pins.append(pin)
        return pins.count - 1
    }

    private mutating func fieldSlot(_ name: String) -> Int {
        if let slot = fieldSlots[name] { return slot }
        fieldSlots[name] = fieldNames.count
        fieldNames.append(name)
        return fieldNames.count - 1
    }

    /// Sets an act on its parents, before it is judged.
    mutating func place(_ at: Int, on parents: [Int]) {
        var past = IndexBits()
        var pins = IndexBits()
        for parent in parents {
            past.insert(parent)
            past.formUnion(held[parent].past)
            pins.formUnion(held[parent].pinsSeen)
        }
        pins.insert(held[at].pin)
        held[at].past = past
        held[at].pinsSeen = pins
        held[at].depth = past.count
    }

    mutating func give(_ role: Role, to at: Int) {
        held[at].role = role
        order.append(at)
    }

    /// Back to all pending.
    mutating func forgetRoles() {
        order = []
        for at in held.indices { held[at].role = nil }
    }

    /// All judged acts.
    var judged: IndexBits {
        var out = IndexBits()
        for at in order { out.insert(at) }
        return out
    }

    /// The author of a judged act.
    func author(of at: Int) -> Author {
        guard let author = authors[held[at].author] else {
            preconditionFailure("an act was judged before its author was known")
        }
        return author
    }

    func unit(of at: Int) -> UnitCode { author(of: at).unit }

    /// The acts that an act carries out: what it admits, in order, then itself.
    func carriedOut(by at: Int) -> [Int] {
        #if PLANTED
            if Planted.present == .requestEffectiveByAncestry {
                let admitted = held[at].act.admits.compactMap { index[$0] }
                let asked = held[at].act.parents.map(\.leaf).sorted().compactMap { index[$0] }.filter { at in
                    if case .request = held[at].role { !admitted.contains(at) } else { false }
                }
                return admitted + asked + [at]
            }
        #endif
        let admitted = held[at].act.admits
        return admitted.isEmpty ? [at] : admitted.compactMap { index[$0] } + [at]
    }
}
