import Dispatch
import Foundation

/// What is done when somebody presses Ctrl-C, or bids the process end.
enum Interruption {
    /// Ends with 130, whatever interrupted it. Once in a process.
    /// - Parameter act: what is put in order before that.
    static func listen(_ act: @escaping @Sendable () -> Void) {
        // One after the other: a second interruption finds the first one at work.
        let queue = DispatchQueue(label: "interruption")
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                // It lives as long as it is listened to.
                withExtendedLifetime(source) {}
                // What breaks while that is done is nobody's failure.
                dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO)
                act()
                exit(130)
            }
            source.resume()
        }
    }
}
