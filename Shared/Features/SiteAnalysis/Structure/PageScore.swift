package import Web

/// How much a page is worth to an AI assistant that reads few of a site's pages: 0 to 10, in tenths.
///
/// The sum of parts, each of which can be named; the formula is stable, so that scores of two analyses compare:
///
/// | part | points |
/// |---|---|
/// | `base` | 5 |
/// | `place` | +1.5 for the home page and heads of sections, +0.5 a level below, 0 further down |
/// | `hub` | +2 where three or more pages of the outline lie under it |
/// | `content` | −3 without text and −1.5 under 60 words where it is no hub, 0 under 200, +0.5 under 600, +1 beyond |
/// | `structure` | +0.5 for three headings or more, +0.5 for code |
/// | `described` | +0.5 for a description of its own |
/// | `kind` | +1 where to begin; +0.5 guide, reference, concept, product, pricing; −1 release notes, articles; −1.5
/// company and pages about the site itself; −2 outdated; −3 legal; −6 system pages |
/// | `links` | −1 where over 70 % of the words are links and it is no hub; of a page alone +0.5 under 10 % |
/// | `prose` | of a page alone −0.5 without running text to +1 where 60 % of the whole page's words are; of a page of a
/// site −0.5 under 5 %, unless it is a hub |
/// | `offer` | −1 where two lines or more name a price, −1 where it says that it is a product; none for hubs, price
/// lists and a shop's own products |
///
/// `links`, `prose` and `offer` tell what is read from what is looked through. Of a page alone nothing else does; on a
/// site its place and
/// kind tell more, and pages of reference, which are lists by their nature, are not to come behind others. The weights
/// were chosen on
/// pages that `Tests/Benchmarks/score-ranking` does not report on.
package struct PageScore: Sendable, Equatable {
  /// In the order of the table; those of 0 points are left out.
  private(set) var parts: [(name: String, points: Double)] = []

  package var named: [String: Double] { Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.points) }) }

  package var value: Double {
    let sum = parts.reduce(0) { $0 + $1.points }
    return (min(10, max(0, sum)) * 10).rounded() / 10
  }

  /// - Parameters:
  ///   - level: 0 for the home page, 1 for what stands directly below it, …; nil for a page on its own.
  ///   - children: pages directly below it in the site's outline.
  ///   - inShop: whether the site sells things.
  init(_ page: Page, kind: PageKind, level: Int?, children: Int, inShop: Bool = false) {
    let isHub = children >= 3
    add("base", 5)
    add("place", level.map { $0 <= 1 ? 1.5 : $0 == 2 ? 0.5 : 0 } ?? 0)
    add("hub", isHub ? 2 : 0)
    switch page.words {
    case 0 where children < 3: add("content", -3)
    case 1..<60 where children < 3: add("content", -1.5)
    case ..<60: break
    case 60..<200: break
    case 200..<600: add("content", 0.5)
    default: add("content", 1)
    }
    add("structure", (page.headings.count >= 3 ? 0.5 : 0) + (page.codeBlocks > 0 ? 0.5 : 0))
    add("described", page.description == nil ? 0 : 0.5)
    switch kind {
    case .start: add("kind", 1)
    case .guide, .reference, .concept, .product, .pricing: add("kind", 0.5)
    case .example, .support, .other: break
    case .release, .article: add("kind", -1)
    case .company, .contact, .meta: add("kind", -1.5)
    case .outdated: add("kind", -2)
    case .legal: add("kind", -3)
    case .system: add("kind", -6)
    }
    let isAlone = level == nil
    add("links", page.linkDensity > 70 && !isHub ? -1 : isAlone && page.linkDensity < 10 && page.words > 0 ? 0.5 : 0)
    if isAlone {
      add("prose", ((min(1, Double(page.proseShare) / 60) * 15).rounded() - 5) / 10)
    } else if !isHub, page.words > 0, page.proseShare < 5 {
      add("prose", -0.5)
    }
    if !isHub, kind != .pricing, !(inShop && kind == .product) {
      add("offer", (page.prices >= 2 ? -1 : 0) + (page.isOffer ? -1 : 0))
    }
  }

  /// The score of a page by itself, outside of any site.
  package init(of page: Page) {
    self.init(page, kind: PageKind(page, title: page.heading ?? page.title ?? ""), level: nil, children: 0)
  }

  private mutating func add(_ name: String, _ points: Double) {
    if points != 0 { parts.append((name, points)) }
  }

  package static func == (a: PageScore, b: PageScore) -> Bool { a.value == b.value }
}
