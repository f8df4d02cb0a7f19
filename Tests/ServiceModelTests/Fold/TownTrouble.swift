@testable import ServiceModel

/// What happens to machines, and what dishonest ones write.
extension TownWorld {
    mutating func restore() {
        let at = holding()
        let old = nodes[at]
        let author = newAuthor(old.unit, enrollment: old.author.enrollment, depth: old.author.depth + 1)
        nodes[at] = TownNode(unit: old.unit, author: author)
        for entry in old.entries { nodes[at].take(entry) }
        for act in old.acts.prefix(max(1, old.acts.count - random.below(3))) { nodes[at].take(act) }
    }

    mutating func reenroll() {
        let at = holding()
        nodes[at].author = newAuthor(
            nodes[at].unit,
            enrollment: nodes[at].author.enrollment + 1,
            depth: nodes[at].author.depth + 1
        )
        nodes[at].sequence = 0
        nodes[at].journal = []
    }

    mutating func clone() { nodes.append(nodes[holding()]) }

    mutating func evil() {
        let at = holding()
        let some = random.pick(nodes[at].acts).leaf
        let genesis = line[2].digest
        var draft: Draft
        switch random.below(13) {
        case 0: draft = Draft("decide")
        case 1:
            draft = Draft("takeover")
            draft.evidence = true
        case 2:
            draft = Draft("issue")
            draft.pin = genesis
        case 3:
            draft = Draft("amend", writes: [("phone", "9")])
            draft.pin = genesis
        case 4:
            draft = Draft("hand_over")
            draft.target = Town.code("V4")
            draft.parents = [some]
        case 5:
            draft = Draft("terminate")
            draft.parents = [some]
        case 6:
            draft = Draft("answer")
            draft.admits = [some]
        case 7:
            draft = Draft("answer")
            draft.admits = [some, some]
        case 8: draft = Draft("create")
        case 9:
            draft = Draft("suspend")
            draft.admits = [some]
        case 10:
            draft = Draft("settle", writes: [("phone", "9"), ("address", "9")])
            draft.parents = [some]
        case 11: draft = Draft("something new")
        default:
            draft = Draft("amend", writes: [("phone", "8"), ("material.photo", "8")])
            draft.declines = [some]
        }
        write(draft, by: at, honestly: false)
    }
}
