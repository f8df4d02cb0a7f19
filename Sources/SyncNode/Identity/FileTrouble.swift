import Foundation
import ServiceModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why the system did not let a file be read or written.
package struct FileTrouble: Hashable, Sendable {
    /// The system's number; nil when it gave none.
    private let number: Int32?
    /// What else was said, in English.
    private let text: String

    private init(number: Int32?, text: String) {
        self.number = number
        self.text = text
    }

    /// - Parameter number: the system's `errno`.
    package init(_ number: Int32 = errno) {
        self.init(number: number, text: String(cString: strerror(number)))
    }

    /// What Foundation makes of it.
    package init(_ error: any Error) {
        let error = error as NSError
        let below = error.userInfo[NSUnderlyingErrorKey] as? NSError
        if let posix = [error, below].compactMap(\.self).first(where: { $0.domain == NSPOSIXErrorDomain }) {
            self.init(Int32(posix.code))
        } else if error.domain == NSCocoaErrorDomain, let known = Self.cocoa[error.code] {
            self.init(known)
        } else {
            self.init(number: nil, text: error.localizedDescription)
        }
    }

    private static let cocoa: [Int: Int32] = [
        CocoaError.Code.fileNoSuchFile.rawValue: ENOENT, CocoaError.Code.fileReadNoSuchFile.rawValue: ENOENT,
        CocoaError.Code.fileReadNoPermission.rawValue: EACCES, CocoaError.Code.fileWriteNoPermission.rawValue: EACCES,
        CocoaError.Code.fileWriteOutOfSpace.rawValue: ENOSPC,
        CocoaError.Code.fileWriteVolumeReadOnly.rawValue: EROFS,
    ]

    package var isAbsent: Bool { number == ENOENT }
    package var isDenied: Bool { number == EACCES || number == EPERM }
    package var isReadOnly: Bool { number == EROFS }

    package var words: Words {
        switch number {
        case ENOENT: Words("no such file or directory", "没有此文件或目录")
        case EACCES, EPERM:
            Words("permission denied: use an account that may, or change the rights", "没有权限：请换用有权的账户或更改权限")
        case ENOSPC, EDQUOT: Words("the disk is full: free some room", "磁盘已满：请腾出空间")
        case EROFS: Words("the disk is read-only: mount it for writing", "磁盘为只读：请以可写方式挂载")
        case EISDIR: Words("it is a directory", "它是目录")
        case ENOTDIR: Words("a part of the path is no directory", "路径中有一段不是目录")
        default: Words(text, "系统报告：\(text)")
        }
    }
}
