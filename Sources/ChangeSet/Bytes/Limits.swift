/// Every bound on what comes from outside, in one place. Both ends of a link must agree on the first two groups.
package enum Limits {
    // A run (RULES, "Run and seal").
    package static let changeSetsPerRun = 256
    package static let bytesPerRun = 64 * 1024
    /// Of a seal, beside its signature: it travels with every part of its run.
    package static let sealBodyBytes = 1024

    // A change set.
    package static let changeSetBytes = 48 * 1024
    package static let groupSize = 64
    package static let parents = 64
    package static let answers = 64
    package static let routeUnits = 32
    package static let writes = 256
    package static let fieldNameBytes = 64
    package static let fieldValueBytes = 8 * 1024
    package static let textBytes = 8 * 1024
    package static let actorBytes = 64

    /// Of a sequence and of a charter entry's number: what SQLite's integers hold.
    package static let longestJournal = UInt64(Int64.max)
    /// Where a run may begin, so that a full one ends within the longest journal.
    package static let firstOfRun = 1...longestJournal - UInt64(changeSetsPerRun)

    // An opening.
    package static let certificates = 12
    package static let certificateBytes = 4 * 1024
    package static let openingBytes = 32 * 1024
    package static let incarnations: UInt32 = 10_000

    // The charter.
    package static let entryBytes = 32 * 1024
    /// Of a forked journal, what a cut can name in one entry: 18 bytes each, beside what else it says.
    package static let leavesPerCut = (entryBytes - 256) / 18

    // A frame, and an exchange.
    package static let frameBytes = 1024 * 1024
    package static let runsPerBatch = 1024
    /// Of a forked journal, from one change set to another that it names by distance.
    package static let sealsBetween = 512
    package static let bytesOfSealsBetween = 64 * 1024
    package static let openingsPerBatch = 64
    /// Of an author's opening and those that lead to it; and of the authors of a case that leaves.
    package static let bytesOfOpenings = 512 * 1024
    package static let stubsPerBatch = 256
    /// Of one case's change sets; and of one of the texts that a stub has.
    package static let runsPerStub = 4096
    package static let stubTextBytes = 8 * 1024
    /// How many frames one piece off the line may hold, so that tiny ones cannot fill the memory.
    package static let framesPerPiece = 4096
    /// How often the two ends may answer one another in a comparison; each halves what is left at the least.
    package static let comparisonRounds = 256
    /// What one message of a comparison comes to, before the rest is left for the next.
    package static let comparisonBytes = 256 * 1024
    /// Retired cases that one comparison asks back; the next asks for more.
    package static let wishesPerComparison = 1024
    /// How much one exchange may inflate to; a first load larger than this goes on in the next exchange.
    package static let inflatedBytesPerExchange = 512 * 1024 * 1024

    // A bundle, which a courier brings.
    package static let volumeBytes = 64 * 1024 * 1024
    /// What a volume must hold at the least: the charter's news, openings and a run.
    package static let smallestVolumeBytes = 32 * 1024
    /// As large as a volume is made when nobody says otherwise.
    package static let usualVolumeBytes = 16 * 1024 * 1024
    package static let volumeHeaderBytes = 64 * 1024
    package static let volumesPerBundle = 4096
    package static let framesPerVolume = 64 * 1024
    package static let inflatedBytesPerVolume = 512 * 1024 * 1024
    /// Stretches of a feed that lie behind a gap, waiting for an earlier volume.
    package static let stretchesPerFeed = 4096
    /// Volumes of a neighbour that are remembered, to tell which are missing.
    package static let rememberedVolumes = 4096
}
