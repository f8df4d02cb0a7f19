import Testing

@testable import SyncNode

/// What a mount says of its room.
@Suite struct DiskRoomTests {
    @Test(
        arguments: [
            (10, 4096, 40_960), (0, 0, 0), (UInt64.max, 4096, Int64.max), (UInt64.max, 1, .max), (1 << 62, 2, .max),
        ] as [(UInt64, UInt64, Int64)])
    func anEndlessOneIsNoTrap(blocks: UInt64, size: UInt64, bytes: Int64) {
        #expect(Disk.bytes(blocks, of: size) == bytes)
    }
}
