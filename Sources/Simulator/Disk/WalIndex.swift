/// A piece of memory that the connections to one file share, for as long as one of them has it.
final class SharedRegion: Sendable {
    /// As a number, since an address cannot be sent.
    private let address: UInt

    init(bytes: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        address = UInt(bitPattern: memory)
    }

    deinit { pointer?.deallocate() }

    var pointer: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }
}

/// The index of a write-ahead log and its locks. They are lost with the process, as SQLite expects of them.
struct WalIndex {
    private struct Slot {
        var shared: Set<Int> = []
        var exclusive: Int?
    }

    private(set) var regions: [SharedRegion] = []
    private var slots = Array(repeating: Slot(), count: 8)

    /// Makes so many of them there are.
    mutating func extend(to count: Int, bytes: Int) {
        while regions.count < count { regions.append(SharedRegion(bytes: bytes)) }
    }

    /// False when another handle is in the way.
    mutating func lock(_ handle: Int, _ range: Range<Int>, exclusively: Bool) -> Bool {
        let isFree = slots[range].allSatisfy { slot in
            (slot.exclusive ?? handle) == handle && (!exclusively || slot.shared.subtracting([handle]).isEmpty)
        }
        guard isFree else { return false }
        for index in range {
            if exclusively { slots[index].exclusive = handle } else { slots[index].shared.insert(handle) }
        }
        return true
    }

    mutating func unlock(_ handle: Int, _ range: Range<Int>) {
        for index in range {
            slots[index].shared.remove(handle)
            if slots[index].exclusive == handle { slots[index].exclusive = nil }
        }
    }

    mutating func leave(_ handle: Int) { unlock(handle, slots.indices) }
}
