import ChangeSet
import Foundation
import ServiceModel
import SyncNode

/// What a courier does between the nodes of a network.
extension SimulatedNetwork {
    /// Writes volumes at one unit for another.
    package func export(
        at name: String, to recipient: String, _ start: BundlePlan.Start = .confirmed,
        volumeBytes: Int = Limits.usualVolumeBytes, volumes: Int? = nil
    ) throws -> (report: BundleReport, files: [Data]) {
        guard let unit = UnitCode(recipient) else { preconditionFailure("no unit \(recipient)") }
        var files: [Data] = []
        let plan = BundlePlan(to: unit, start: start, volumeBytes: volumeBytes, volumes: volumes)
        let report = try node(name).exportBundle(plan, now: time(at: name)) { files.append($1) }
        return (report, files)
    }

    @discardableResult
    package func bring(_ file: Data, to name: String) throws -> VolumeReport {
        try node(name).importVolume(file, now: time(at: name))
    }
}
