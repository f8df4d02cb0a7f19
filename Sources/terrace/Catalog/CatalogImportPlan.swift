import ServiceModel

/// What an import of a catalog file would do to what is published already.
package struct CatalogImportPlan: Sendable {
    package enum Step: Hashable, Sendable {
        case publish(CatalogItem)
        /// The next version.
        case revise(CatalogItem)
        /// The item's code. Nothing in the file differs from what is published, or from the file's own earlier entry.
        case unchanged(String)
        case refused(CatalogRefusal)
    }

    /// In the order of the file; lines from 1.
    package let steps: [(line: Int, step: Step)]
    /// Published codes that no entry which was taken or is unchanged names, sorted. They stay: an import retires
    /// nothing.
    package let absent: [String]

    /// - Parameters:
    ///   - existing: the current version of every published item of the importing unit, by code.
    ///   - retired: codes that the unit has retired and not published again, with the day from which on.
    package init(existing: [String: CatalogItem], retired: [String: Int32] = [:], reading: CatalogReading) {
        var done: Set<String> = []
        steps = reading.entries.map { line, result in
            let item: CatalogItem
            switch result {
            case .success(let read): item = read
            case .failure(let refusal): return (line, .refused(refusal))
            }
            guard done.insert(item.code).inserted else { return (line, .unchanged(item.code)) }
            guard let published = existing[item.code] else {
                if let day = retired[item.code] { return (line, .refused(.retired(code: item.code, from: day))) }
                return (line, .publish(item))
            }
            var next = item.keeping(Set(CatalogPart.allCases).subtracting(reading.parts), of: published)
            next.version = published.version
            guard next != published else { return (line, .unchanged(item.code)) }
            next.version += 1
            let problems = next.validate()
            return (line, problems.isEmpty ? .revise(next) : .refused(.problems(problems)))
        }
        absent = existing.keys.filter { !done.contains($0) }.sorted()
    }

    private init(steps: [(line: Int, step: Step)], absent: [String]) {
        self.steps = steps
        self.absent = absent
    }

    /// The same without revisions: codes that are published already are refused.
    package var publishing: CatalogImportPlan {
        refusing { step in
            switch step {
            case .revise(let item): .publishedAlready(item.code)
            case .unchanged(let code): .publishedAlready(code)
            case .publish, .refused: nil
            }
        }
    }

    /// The same without new items: codes that are not published yet are refused.
    package var revising: CatalogImportPlan {
        refusing { if case .publish(let item) = $0 { .notPublished(item.code) } else { nil } }
    }

    private func refusing(_ refusal: (Step) -> CatalogRefusal?) -> CatalogImportPlan {
        CatalogImportPlan(
            steps: steps.map { line, step in (line, refusal(step).map(Step.refused) ?? step) }, absent: absent)
    }

    /// The items to publish, in the order of the file.
    package var published: [CatalogItem] {
        steps.compactMap { if case .publish(let item) = $0.step { item } else { nil } }
    }

    /// The items to revise, each in its next version, in the order of the file.
    package var revised: [CatalogItem] {
        steps.compactMap { if case .revise(let item) = $0.step { item } else { nil } }
    }
}

extension CatalogItem {
    /// With the parts that a file does not speak about as they are published. Where a file names the deciding tier
    /// alone, the accepting tiers and the route stay.
    func keeping(_ parts: Set<CatalogPart>, of published: CatalogItem) -> CatalogItem {
        var out = self
        for part in parts {
            switch part {
            case .aliases: out.aliases = published.aliases
            case .tags: out.tags = published.tags
            case .lifeEvents: out.lifeEvents = published.lifeEvents
            case .list: out.list = published.list
            case .departmentUnit: out.department.unit = published.department.unit
            case .creditCode: out.department.creditCode = published.department.creditCode
            case .basis: out.basis = published.basis
            case .accepting: out.accepting = published.accepting
            case .route: out.route = published.route
            case .materials: out.materials = published.materials
            case .form: out.form = published.form
            case .statutory: out.statutory = published.statutory
            case .promised: out.promised = published.promised
            case .fee: out.fee = published.fee
            case .result: out.result = published.result
            case .from: out.from = published.from
            case .until: out.until = published.until
            case .window: out.place.window = published.place.window
            case .phone: out.place.phone = published.place.phone
            case .hours: out.place.hours = published.place.hours
            case .note: out.note = published.note
            }
        }
        if parts.contains(.promised) { out.instant = published.instant }
        return out
    }
}
