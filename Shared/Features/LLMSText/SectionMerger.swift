import SiteAnalysis

/// Limits the number of sections of a site that has too many, such as a book with twenty chapters.
enum SectionMerger {
  /// Merges all sections except the `count` - 1 best ones into one last section. The others keep their names and order.
  ///
  /// A section is better than another if its best pages have a higher total score.
  ///
  /// - Parameters:
  ///   - count: the maximum number of sections afterwards.
  ///   - name: the name of the merged section.
  ///   - isLeading: whether readers look for a section of this name first; such a section is kept even if it is small.
  static func merge(
    _ groups: inout [LLMSTextComposer.Group], to count: Int, named name: String, isLeading: (String) -> Bool
  ) {
    guard groups.count > count else { return }
    func isPreferred(_ group: LLMSTextComposer.Group) -> Bool {
      group.name == SiteReport.generalCategory || isLeading(group.name)
    }
    let best = Set(
      groups.indices.sorted { a, b in
        let (first, second) = (groups[a], groups[b])
        if isPreferred(first) != isPreferred(second) { return isPreferred(first) }
        return (totalScore(second), a) < (totalScore(first), b)
      }.prefix(count - 1))
    let others = groups.indices.filter { !best.contains($0) }
    let merged = LLMSTextComposer.Group(name: name, pages: others.flatMap { groups[$0].pages })
    groups = groups.indices.filter(best.contains).map { groups[$0] } + [merged]
  }

  private static let pagesToCompare = 12

  /// The sum of the scores of the best pages.
  private static func totalScore(_ group: LLMSTextComposer.Group) -> Double {
    group.pages.map(\.score).sorted(by: >).prefix(pagesToCompare).reduce(0, +)
  }
}
