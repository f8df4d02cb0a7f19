import ServiceModel
import Testing

@Suite struct FormPatternTests {
    @Test(arguments: [
        ("\\d{6}", ["123456"], ["12345", "1234567", "12345a", ""]),
        ("鲁[A-Z][A-Z0-9]{5,6}", ["鲁M12345", "鲁MD12345"], ["京M12345", "鲁M1234", "鲁MD123456", "鲁m12345"]),
        ("[A-Z]+ [A-Z]+", ["ZHANG SAN"], ["ZHANG", "zhang san", "A  B", " "]),
        ("[^0-9]*x?", ["", "x", "abcx", "中文"], ["a1", "1"]),
        ("a{2,}b", ["aab", "aaaaab"], ["ab", "aa"]),
        ("a{0,2}", ["", "a", "aa"], ["aaa"]),
        ("\\d+\\.\\d{1,2}", ["1.5", "10.25"], ["1", "1.", "1.255"]),
        ("[一-龥·]{2,}", ["张三", "买买提·艾力"], ["张", "Zhang"]),
        (".?.?", ["", "字", "😀字"], ["三个字"]),
        ("[\\-\\]]", ["-", "]"], ["\\", "["]),
        ("[A-]", ["A", "-"], ["B"]),
    ])
    func matches(pattern: String, fits: [String], misses: [String]) throws {
        let read = try #require(FormPattern(pattern))
        for value in fits { #expect(read.matches(value), "\(pattern) should fit \(value)") }
        for value in misses { #expect(!read.matches(value), "\(pattern) should not fit \(value)") }
    }

    @Test(arguments: [
        "(a+)+", "a|b", "[", "[]", "[z-a]", "a{", "a{}", "a{2,1}", "a{x}", "a**", "*", "\\", "\\w", "^a$", "a{1000}",
        "a{512}", "a{300}b{300}", "a{0,0}", "a{0}", "[a[b]]", String(repeating: "a", count: 201),
    ])
    func refused(pattern: String) {
        #expect(FormPattern(pattern) == nil)
    }

    /// The shape that makes a backtracking matcher take exponential time.
    @Test func manyOptionalsStayCheap() throws {
        let pattern = try #require(FormPattern(String(repeating: "a?", count: 60) + "a{60}"))
        #expect(pattern.matches(String(repeating: "a", count: 60)))
        #expect(!pattern.matches(String(repeating: "a", count: 59)))
        #expect(!pattern.matches(String(repeating: "a", count: 121)))
    }
}
