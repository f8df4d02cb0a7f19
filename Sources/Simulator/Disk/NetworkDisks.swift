import Foundation
import Replica
import ServiceModel
import SyncNode
import Trust

/// A unit's database as its disk had it at some moment.
package struct DiskCopy: Sendable {
    package let unit: String
    /// Of the machine then.
    let ordinal: UInt32
    let image: DiskImage
}

/// A unit's machine as a whole at some moment: all that lies on its disk, with keys, certificates and anchor.
package struct MachineImage: Sendable {
    package let unit: String
    /// The machine's folder.
    let machine: String
    let image: DiskImage
}

/// What happens to the disks of a network's machines.
extension SimulatedNetwork {
    /// The database and its log, by which SQLite finds it.
    private func databaseFiles(_ name: String) -> [String] {
        let file = directory(name).replica.lastPathComponent
        return ["", "-wal", "-journal"].map { file + $0 }
    }

    /// A unit's database as it is now, in the middle of a transaction or not.
    package func copyOfDisk(_ name: String) throws -> DiskCopy {
        DiskCopy(unit: name, ordinal: try node(name).name.ordinal, image: try disk(name).image(of: databaseFiles(name)))
    }

    /// The process dies, and its database is what the copy says, of an older day perhaps; keys, certificates and anchor
    /// are those of the machine.
    package func crash(_ name: String, leaving copy: DiskCopy) throws {
        disk(name).remove(databaseFiles(name))
        drop(name)
        try disk(name).put(copy.image)
        try reopen(name)
    }

    // MARK: - Snapshots

    /// A unit's whole machine as it is now, as the host of a virtual one keeps it.
    package func snapshot(_ name: String) throws -> MachineImage {
        MachineImage(
            unit: name, machine: directory(name).url.lastPathComponent, image: try disk(name).image())
    }

    /// Whether it is the unit's machine of today that was kept.
    func isOfPresentMachine(_ snapshot: MachineImage) -> Bool {
        hasNode(snapshot.unit) && directory(snapshot.unit).url.lastPathComponent == snapshot.machine
    }

    /// The unit's machine is what it was then, anchor included: nothing on it tells that there was a later day.
    package func rollBack(to snapshot: MachineImage) throws {
        drop(snapshot.unit)
        noteSetBack(of: snapshot.unit)
        try disk(snapshot.unit).replace(with: snapshot.image)
        try reopen(snapshot.unit)
    }

    // MARK: - Power

    /// The power of a unit's machine is gone: nothing that it still does has any effect.
    package func isDown(_ name: String) -> Bool { disk(name).isDown }

    /// The machine is switched on again after a loss of power, and its node opened.
    package func powerOn(_ name: String) throws {
        drop(name)
        try disk(name).powerOn()
        try reopen(name)
    }

    /// The process is killed and started again. The machine stays on, and what was written is there.
    package func kill(_ name: String) throws {
        disk(name).endProcess()
        drop(name)
        try reopen(name)
    }

    // MARK: - Clones

    /// Copies the whole disk of a unit's machine, anchor and keys included, into another one.
    /// - Returns: the folder of the copy, for `sit`.
    package func clone(_ name: String) throws -> String {
        clones += 1
        let copy = "\(directory(name).url.lastPathComponent)-\(clones)"
        try node(name).replica.close()
        try mount(copy).put(try disk(name).image())
        try reopen(name)
        return copy
    }

    /// The clerk of a unit turns to another machine; the one before is switched off.
    /// - Parameter machine: name of its folder.
    /// - Returns: that of the one before.
    @discardableResult
    package func sit(_ name: String, at machine: String) throws -> String {
        let before = directory(name).url.lastPathComponent
        try node(name).replica.close()
        try place(name, in: machine)
        return before
    }

    /// A machine that was cut off gets another name, and keeps what it holds.
    package func enrollAgain(_ name: String) throws { try enrollAgain(name, code: enrollmentCode(for: name)) }

    func enrollAgain(_ name: String, code: String) throws {
        guard let above = parent(of: name) else { preconditionFailure("no parent of \(name)") }
        let enrollee = try Enrollee(code: code, anew: node(name))
        let grant = try node(above).enroll(
            EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey,
            validFor: certificatePeriod, now: time(at: above))
        _ = try enrollee.take(grant, presented: node(above).chain.der, now: time(at: name), entropy: entropy(of: name))
        try reopen(name)
    }
}
