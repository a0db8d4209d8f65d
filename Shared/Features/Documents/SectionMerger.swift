import SiteAnalysis

/// Keeps the sections of a site that has too many of them few, as a book of twenty chapters has.
enum SectionMerger {
  /// Gathers what is not among the `count` - 1 best sections in one of their best pages; the others keep their names
  /// and their order.
  ///
  /// - Parameter isFirst: whether readers look for a section of this name first, however small it is.
  static func merge(
    _ groups: inout [LLMSTextComposer.Group], to count: Int, named name: String, isFirst: (String) -> Bool
  ) {
    guard groups.count > count else { return }
    func isKept(_ group: LLMSTextComposer.Group) -> Bool {
      group.name == SiteReport.generalCategory || isFirst(group.name)
    }
    let best = Set(
      groups.indices.sorted { a, b in
        let (first, second) = (groups[a], groups[b])
        if isKept(first) != isKept(second) { return isKept(first) }
        return (worth(second), a) < (worth(first), b)
      }.prefix(count - 1))
    let rest = groups.indices.filter { !best.contains($0) }
    let gathered = LLMSTextComposer.Group(name: name, pages: rest.flatMap { groups[$0].pages })
    groups = groups.indices.filter(best.contains).map { groups[$0] } + [gathered]
  }

  /// Its pages, as far as there is room for them.
  private static func worth(_ group: LLMSTextComposer.Group) -> Double {
    group.pages.map(\.score).sorted(by: >).prefix(LLMSTextComposer.linksPerSection.upperBound).reduce(0, +)
  }
}
