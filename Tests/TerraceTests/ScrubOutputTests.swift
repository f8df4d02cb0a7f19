import Foundation
import Replica
import ServiceModel
import Testing

@testable import terrace

/// A program learns of all that was taken out, as a person does.
@Suite struct ScrubOutputTests {
    @Test func whatIsOwedNoMoreIsSaid() throws {
        var taken = TakenOut()
        taken.widenings = 3
        taken.wasMisled = true
        let json = try ScrubCommand.Output(runs: 12, [], taken).prettyJSON()
        #expect(json.contains(#""widenings" : 3"#), "\(json)")
        #expect(json.contains(#""wasMisled" : true"#), "\(json)")
        let looked = try ScrubCommand.Output(runs: 12, [], nil).prettyJSON()
        #expect(!looked.contains("widenings"), "\(looked)")
    }

    /// What was never sent nobody else has.
    @Test func nobodyIsPromisedACopy() {
        for damage in [Damage.run(RunName(run: 1)), .opening(row: 1, nil)] {
            #expect(damage.words[.english].contains("a neighbour may have it"))
            #expect(damage.words[.chinese].contains("上下级若有"))
        }
    }
}
