import SiteAnalysis

/// Joins neighbouring sections of a site that has too many of them, as a book of twenty chapters has.
enum SectionMerger {
  /// Parts the sections, in their order, into `count` runs of sizes as even as can be, and makes each run one section.
  static func merge(_ groups: inout [LLMSTextComposer.Group], to count: Int) {
    guard groups.count > count else { return }
    let sections = groups
    // best[k][n]: the least cost of the first n sections in k runs, and where the last run begins.
    var best = [[(cost: Int, start: Int)?]](
      repeating: Array(repeating: nil, count: sections.count + 1), count: count + 1)
    best[0][0] = (0, 0)
    for runs in 1...count {
      for end in 1...sections.count {
        for start in (0..<end) {
          guard let before = best[runs - 1][start] else { continue }
          let cost = before.cost + cost(of: sections[start..<end])
          if best[runs][end].map({ cost < $0.cost }) ?? true { best[runs][end] = (cost, start) }
        }
      }
    }
    var merged: [LLMSTextComposer.Group] = []
    var end = sections.count
    for runs in stride(from: count, to: 0, by: -1) {
      let start = best[runs][end]!.start
      let run = sections[start..<end]
      merged.append(.init(name: name(of: run.map(\.name)), pages: run.flatMap(\.pages)))
      end = start
    }
    groups = merged.reversed()
  }

  /// The square of the pages, so that even runs are cheapest; three names make no heading, and what is general belongs with
  /// no branch in particular.
  private static func cost(of run: ArraySlice<LLMSTextComposer.Group>) -> Int {
    let pages = run.reduce(0) { $0 + $1.pages.count }
    let isAwkward = run.count > 1 && run.contains { $0.name == SiteReport.generalCategory }
    return pages * pages + 1000 * max(0, run.count - 2) + (isAwkward ? 5000 : 0)
  }

  private static func name(of names: [String]) -> String {
    names.count == 2 && !names.contains { $0.contains(" and ") || $0.contains(",") }
      ? "\(names[0]) and \(names[1])" : names.prefix(3).joined(separator: ", ")
  }
}
