/// A service item as its owner publishes it: what anyone may ask the network for, who accepts it, who decides it, what
/// must be handed in and what is promised. Days are numbers of civil days since 1970-01-01; empty texts are absent.
package struct CatalogItem: Hashable, Sendable {
    /// Implementation code of 31 to 36 characters, or a local code; the same in every version.
    package var code: String
    /// Counted from 1 by the owner.
    package var version: UInt32
    package var name: String
    package var aliases: [String] = []
    package var tags: [String] = []
    /// Occasions in a life or a firm's life, for search: birth, starting a business.
    package var lifeEvents: [String] = []
    package var kind: ItemKind
    package var list: ItemList
    package var department: ItemDepartment
    /// Laws and rules on which it rests, one text each.
    package var basis: [String] = []
    package var accepting: ItemAcceptance
    package var decider: ItemDecider
    /// Ranks of the tiers that a case passes, from the lowest accepting one upward; greater rank is lower.
    package var route: [Int]
    package var materials: [ItemMaterial] = []
    package var form: [FormField] = []
    package var statutory: TimeLimit?
    package var promised: TimeLimit?
    /// Handled on the spot.
    package var instant = false
    package var fee = ""
    /// Kind of certificate that a grant issues.
    package var result = ""
    /// First day of its validity; nil is since ever.
    package var from: Int32?
    /// Last day of its validity; nil is without end.
    package var until: Int32?
    package var place = ServicePlace()
    /// What else an applicant or a clerk should know.
    package var note = ""

    package init(
        code: String, version: UInt32 = 1, name: String, kind: ItemKind, list: ItemList? = nil,
        department: ItemDepartment, accepting: ItemAcceptance, decider: ItemDecider, route: [Int] = []
    ) {
        self.code = code
        self.version = version
        self.name = name
        self.kind = kind
        self.list = list ?? kind.usualList
        self.department = department
        self.accepting = accepting
        self.decider = decider
        self.route = route
    }

    /// Whether its validity covers the day.
    package func isValid(on day: Int32) -> Bool {
        day >= from ?? .min && day <= until ?? .max
    }

    /// What an acceptance under this version keeps. Where a lower unit accepts, `applying` comes first.
    package var promise: Promise {
        Promise(
            item: code, itemName: name, version: version, department: department.name, itemKind: kind.code,
            statutory: statutory, promised: promised, instant: instant)
    }
}

/// The department whose business an item is.
package struct ItemDepartment: Hashable, Sendable {
    package var name: String
    /// Its unit in the network, where it has one.
    package var unit: UnitCode?
    /// Its unified social credit code, 18 characters, or empty.
    package var creditCode: String

    package init(name: String, unit: UnitCode? = nil, creditCode: String = "") {
        self.name = name
        self.unit = unit
        self.creditCode = creditCode
    }
}

/// Who may accept a case of an item.
package struct ItemAcceptance: Hashable, Sendable {
    /// Ranks of the tiers all of whose units may.
    package var tiers: [Int]
    /// Units that may besides.
    package var units: [UnitCode]

    package init(tiers: [Int] = [], units: [UnitCode] = []) {
        self.tiers = tiers
        self.units = units
    }
}

/// Who decides.
package enum ItemDecider: Hashable, Sendable {
    /// The accepting unit or its ancestor on the tier of this rank.
    case tier(Int)
    /// One unit, wherever a case was accepted.
    case unit(UnitCode)
    /// An authority above the network: the network's top sends the case on and records what was decided.
    case beyond
}

/// Where and when a counter serves an item.
package struct ServicePlace: Hashable, Sendable {
    package var window: String
    package var phone: String
    package var hours: String

    package init(window: String = "", phone: String = "", hours: String = "") {
        self.window = window
        self.phone = phone
        self.hours = hours
    }
}

/// A paper or file that must be handed in.
package struct ItemMaterial: Hashable, Sendable {
    package enum Need: UInt32, CaseIterable, Sendable {
        /// Nothing is accepted without it.
        case required = 0
        /// May follow by a date (容缺受理).
        case deferrable = 1
        /// Only where the case calls for it, for example a mandate when someone acts for the applicant.
        case whereApplicable = 2
    }

    /// The forms in which it is wanted; more than one where, for example, the original is shown and a copy kept.
    package struct Forms: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let original = Forms(rawValue: 1)
        package static let copy = Forms(rawValue: 2)
        package static let electronic = Forms(rawValue: 4)
        package static let all: Forms = [.original, .copy, .electronic]
    }

    /// Unique in the item; letters, digits, `-` and `_`.
    package var id: String
    package var name: String
    package var need: Need
    package var forms: Forms
    /// How many copies; 0 where no copy is wanted.
    package var copies: UInt32
    /// Kinds of issued certificate that can stand in for it.
    package var standIns: [String]

    package init(
        id: String, name: String, need: Need = .required, forms: Forms = .original, copies: UInt32 = 0,
        standIns: [String] = []
    ) {
        self.id = id
        self.name = name
        self.need = need
        self.forms = forms
        self.copies = copies
        self.standIns = standIns
    }
}

/// A field of an item's form.
package struct FormField: Hashable, Sendable {
    package enum Kind: UInt32, CaseIterable, Sendable {
        case text = 0
        /// A decimal number.
        case number = 1
        /// A civil date, `yyyy-mm-dd`.
        case date = 2
        /// One of `choices`.
        case choice = 3
        /// A citizen's number (GB 11643).
        case idNumber = 4
        case phone = 5
        /// A unified social credit code (GB 32100).
        case creditCode = 6
    }

    /// Unique in the item; letters, digits and `_`, a letter first.
    package var name: String
    package var label: String
    package var kind: Kind
    package var required: Bool
    /// A `FormPattern` that the whole value must fit, or empty.
    package var pattern: String
    package var choices: [String]
    /// Fewest characters; 0 is no bound.
    package var shortest: UInt32
    /// Most characters; 0 is no bound but the catalog's own.
    package var longest: UInt32
    package var help: String

    package init(
        name: String, label: String, kind: Kind = .text, required: Bool = false, pattern: String = "",
        choices: [String] = [], shortest: UInt32 = 0, longest: UInt32 = 0, help: String = ""
    ) {
        self.name = name
        self.label = label
        self.kind = kind
        self.required = required
        self.pattern = pattern
        self.choices = choices
        self.shortest = shortest
        self.longest = longest
        self.help = help
    }
}
