import Foundation

@testable import SyncNode

enum OtherDisk {
    /// A folder on another disk than the networks of these tests; nil where this machine has none.
    static let folder: URL? = {
        let folder = FileManager.default.temporaryDirectory
        guard let network = try? Network([Network.city]), let one = try? Disk(of: network.folder),
            let two = try? Disk(of: folder), one != two
        else { return nil }
        return folder
    }()
}
