import Testing

@testable import Replica

/// The list of what was taken out: a person enters again what it says is lost, and nothing else tells of it.
@Suite struct TakenOutListTests {
    /// A hundred and fifty runs of one change set each, by their number; those from 131 on are lost.
    private func town() throws -> Town {
        let town = try Town(["C", "V"])
        try town.change(
            "V",
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 150)
            INSERT INTO damaged_run (since, unit, feed, sequences, is_lost, said, content)
            SELECT 7, 'V', 2, '[' || n || ']', n > 130, '[{"sequence":' || n || '}]', '' FROM number
            """)
        return town
    }

    private func sequences(_ runs: [TakenOut.Run]) -> [UInt64] { runs.flatMap(\.said).map(\.sequence) }

    @Test func whatIsLostComesFirstAndWholly() throws {
        let town = try town()
        let listed = try town["V"].replica.read { try $0.takenOut(limit: 10) }
        #expect(sequences(listed) == Array(131...150) + Array(1...10))
        #expect(try sequences(town["V"].replica.read { try $0.takenOut() }) == Array(131...150) + Array(1...100))
        try town["V"].replica.write { try $0.noteLostSeen(listed, time: 8) }
        let left = try town["V"].replica.read { try $0.countOfTakenOut() }
        #expect(left.all == 150 && left.lost == 20 && left.lostUnseen == 0)
        // Now they are listed with the others.
        let all = try town["V"].replica.read { try $0.takenOut(limit: .max) }
        #expect(sequences(all) == Array(1...150) && all.map(\.isSeen) == all.map(\.isLost))
    }

    @Test func onlyWhatWasListedIsSeen() throws {
        let town = try town()
        let listed = try town["V"].replica.read { try $0.takenOut() }
        try town["V"].replica.write { try $0.noteLostSeen(Array(listed.prefix(5)), time: 8) }
        #expect(try town["V"].replica.read { try $0.countOfTakenOut().lostUnseen } == 15)
        #expect(try sequences(town["V"].replica.read { try $0.takenOut(limit: 0) }) == Array(136...150))
    }
}
