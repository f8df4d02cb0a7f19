import Dispatch
import Foundation
import Simulator

/// Whoever interrupts a simulation, or bids it end, gets back the memory that its cities' files take.
enum Interruption {
    /// Once in a process, before the first city.
    static func listen() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // It lives as long as it is listened to.
                withExtendedLifetime(source) {}
                PassingFolder.removeAll { exit(128 + number) }
            }
            source.resume()
        }
    }
}
