import Web

/// Detects groups of pages that are made from one template: commands, functions, integrations, products, places.
///
/// One page that introduces them stands for all of them, because a reader who needs one of them finds it there.
enum SimilarPages {
  /// Smaller groups are listed page by page.
  static let smallestGroup = 8
  /// The mean share of headings that two pages have in common.
  private static let commonHeadings = 0.2
  /// Pages with fewer words, little prose and without headings are entries of a reference.
  private static let shortPage = 300
  /// A percentage of the words.
  private static let littleProse = 40
  private static let alphabeticalShare = 0.85
  private static let meanWordsOfNames = 1.6
  /// The number of pages that are compared with one another.
  private static let sample = 24

  /// Whether pages are similar.
  ///
  /// - Parameter names: The names of the pages in the order of the site.
  static func areSimilar(_ pages: [Page], names: [String]) -> Bool {
    guard pages.count >= smallestGroup else { return false }
    let step = max(1, pages.count / sample)
    let chosen = stride(from: 0, to: pages.count, by: step).map { pages[$0] }
    let headings = chosen.map { page in
      Set(page.headings.dropFirst().filter { (2...3).contains($0.level) }.map { $0.text.lowercased() })
    }
    var shares: [Double] = []
    for (position, first) in headings.enumerated() {
      for second in headings[(position + 1)...] {
        let all = first.union(second).count
        shares.append(all == 0 ? 0 : Double(first.intersection(second).count) / Double(all))
      }
    }
    if shares.reduce(0, +) >= commonHeadings * Double(shares.count) { return true }
    let (words, prose) = (chosen.map(\.words).sorted(), chosen.map(\.proseShare).sorted())
    if headings.count(where: \.isEmpty) * 2 >= headings.count, words[words.count / 2] < shortPage,
      prose[prose.count / 2] < littleProse
    {
      return true
    }
    return areAlphabetical(names)
  }

  /// Whether names are short and in alphabetical order, so that their order says nothing about their importance.
  static func areAlphabetical(_ names: [String]) -> Bool {
    let names = names.map { $0.lowercased() }
    let pairs = zip(names, names.dropFirst())
    let words = names.reduce(0) { $0 + $1.split(separator: " ").count }
    return Double(pairs.count { $0 <= $1 }) >= alphabeticalShare * Double(names.count - 1)
      && Double(words) <= meanWordsOfNames * Double(names.count)
  }
}
