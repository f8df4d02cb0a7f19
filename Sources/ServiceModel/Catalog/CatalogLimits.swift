/// Every bound on a catalog item. Lengths are bytes of UTF-8 unless a name says otherwise.
package enum CatalogLimits {
    /// The whole item's bytes, so that it fits one change set with its envelope.
    package static let itemBytes = 40 * 1024

    // An item.
    package static let codeCharacters = 64
    package static let nameBytes = 384
    package static let words = 32
    package static let wordBytes = 384
    package static let departmentBytes = 192
    package static let basis = 32
    package static let basisBytes = 1024
    package static let feeBytes = 512
    package static let resultBytes = 192
    package static let noteBytes = 4096
    package static let placeBytes = 256
    package static let reasonBytes = 1024
    /// Ranks are 0 to one less.
    package static let tiers = 8
    package static let units = 64
    package static let version: UInt32 = 1_000_000

    // Materials.
    package static let materials = 64
    package static let idCharacters = 40
    package static let copies: UInt32 = 99
    package static let standIns = 8

    // Form fields. A case writes a field as `form.` and its name, which together must fit a change set's field name.
    package static let fields = 64
    package static let fieldNameCharacters = 40
    package static let labelBytes = 192
    package static let helpBytes = 512
    package static let choices = 64
    package static let choiceBytes = 96
    package static let patternCharacters = 200
    package static let valueCharacters: UInt32 = 2000
}
