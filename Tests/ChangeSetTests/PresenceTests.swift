import Testing

@testable import ChangeSet

/// Offsets that no run has, as a disk may make them of others.
@Suite struct PresenceTests {
    @Test func oddOffsetsAreNeverThere() {
        var presence = Presence()
        for offset in [-1, Int.min, 256, Int.max] {
            presence.insert(offset)
            #expect(!presence.contains(offset) && !Presence.whole.contains(offset))
        }
        #expect(presence.isEmpty)
        presence.insert(255)
        #expect(presence.offsets(below: 256) == [255] && presence.offsets(below: .max) == [255])
        #expect(presence.offsets(below: -7).isEmpty && presence.offsets(below: 255).isEmpty)
    }
}
