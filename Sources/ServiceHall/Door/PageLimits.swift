/// Every bound on what a page takes and shows; those on drafts are in `DraftLimits`.
enum PageLimits {
    /// Bytes of a posted form.
    static let formBytes = 256 * 1024
    /// Names and values of a posted form, and of a query.
    static let formValues = 512
    /// Bytes of a cookie header that are read.
    static let cookieBytes = 4 * 1024
    /// Bytes of a clerk's name, as a change set has room for it.
    static let clerkBytes = 64
    /// Items that a search shows.
    static let itemsShown = 30
    /// Cases of one list.
    static let casesShown = 100
    /// Units of the wall that are named as behind.
    static let behindShown = 12
    /// Days of a deadline's ledger.
    static let ledgerDays = 400
    /// Lines of what is missing in a correction.
    static let missingLines = 64
    /// Seconds after which the wall asks again.
    static let wallSeconds = 20
    /// Seconds for which language and name are remembered.
    static let cookieSeconds = 365 * 86_400
}
