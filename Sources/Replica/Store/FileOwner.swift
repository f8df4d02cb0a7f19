import Foundation

/// To whom a file is to belong that root writes: what is done as root beside a server of another account must leave
/// that account its files.
package struct FileOwner {
    private let user: uid_t
    private let group: gid_t
    /// Of the file that is replaced; nil where there is none.
    private let mode: mode_t?

    private init(_ status: stat, mode: mode_t?) { (user, group, self.mode) = (status.st_uid, status.st_gid, mode) }

    /// Of the file that is there, or else of its folder; nil for every account but root, which cannot give files away.
    package init?(of path: String) {
        guard geteuid() == 0 else { return nil }
        var status = stat()
        if stat(path, &status) == 0 {
            self.init(status, mode: status.st_mode & 0o777)
        } else {
            self.init(ofNew: path)
        }
    }

    /// Of a file's folder, for a file that is new; nil for every account but root.
    package init?(ofNew path: String) {
        guard geteuid() == 0 else { return nil }
        var status = stat()
        guard stat(URL(filePath: path).deletingLastPathComponent().path, &status) == 0 else { return nil }
        self.init(status, mode: nil)
    }

    /// Gives them a file that nobody has open. False leaves why in `errno`.
    package func take(_ path: String) -> Bool { chown(path, user, group) == 0 }

    /// Gives them a file that is open. False leaves why in `errno`.
    package func take(_ descriptor: Int32) -> Bool {
        // Rights last, since a change of owner may take some away.
        fchown(descriptor, user, group) == 0 && (mode.map { fchmod(descriptor, $0) == 0 } ?? true)
    }
}
