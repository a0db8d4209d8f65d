package import Web

/// The usefulness of a page for an AI assistant that reads only a few pages of a site: 0 to 10, in steps of 0.1.
///
/// The score is a sum of named parts. The formula is stable, so that the scores of two analyses can be compared.
///
/// | part | points |
/// |---|---|
/// | `base` | 5 |
/// | `place` | +1.5 for the home page and level 1, +0.5 for level 2, 0 below |
/// | `hub` | +2 for a hub: a page with three or more children in the outline |
/// | `content` | −3 without text, −1.5 under 60 words (neither for hubs); +0.5 from 200 words, +1 from 600 words |
/// | `structure` | +0.5 for three or more headings, +0.5 for code |
/// | `described` | +0.5 for a meta description |
/// | `kind`, positive | +1 start; +0.5 guide, reference, concept, product, pricing |
/// | `kind`, negative | −1 release, article; −1.5 company, contact, meta; −2 outdated; −3 legal; −6 system |
/// | `links` | −1 if over 70 % of the words are links and the page is not a hub; +0.5 under 10 % for a single page |
/// | `prose`, single page | −0.5 without prose, rising to +1 if 60 % of the words are prose |
/// | `prose`, page of a site | −0.5 if under 5 % of the words are prose, except for hubs |
/// | `offer` | −1 for two or more lines with a price, −1 for structured data of a product |
///
/// `offer` does not apply to hubs, price lists and the products of a shop.
///
/// `links`, `prose` and `offer` distinguish pages to read from pages to browse. A single page (`inspect page`) has no
/// other evidence. On a site, level and kind say more, and reference pages, which are lists by nature, must not rank
/// lower. The weights were fitted on pages other than those that `Tests/Benchmarks/score-ranking` reports.
package struct PageScore: Sendable, Equatable {
  /// The parts in the order of the table, without those of 0 points.
  private(set) var parts: [(name: String, points: Double)] = []

  /// The parts by name.
  package var named: [String: Double] { Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.points) }) }

  /// The sum of the parts, limited to 0…10 and rounded to tenths.
  package var value: Double {
    let sum = parts.reduce(0) { $0 + $1.points }
    return (min(10, max(0, sum)) * 10).rounded() / 10
  }

  /// - Parameters:
  ///   - level: The level in the site's outline, 0 for the home page; `nil` for a single page.
  ///   - children: The number of pages directly below the page in the outline.
  ///   - inShop: Whether the site is a shop.
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
    let isSinglePage = level == nil
    let hasFewLinks = isSinglePage && page.linkDensity < 10 && page.words > 0
    add("links", page.linkDensity > 70 && !isHub ? -1 : hasFewLinks ? 0.5 : 0)
    if isSinglePage {
      add("prose", ((min(1, Double(page.proseShare) / 60) * 15).rounded() - 5) / 10)
    } else if !isHub, page.words > 0, page.proseShare < 5 {
      add("prose", -0.5)
    }
    if !isHub, kind != .pricing, !(inShop && kind == .product) {
      add("offer", (page.prices >= 2 ? -1 : 0) + (page.isOffer ? -1 : 0))
    }
  }

  /// Scores a single page without a site.
  package init(of page: Page) {
    self.init(page, kind: PageKind(page, title: page.heading ?? page.title ?? ""), level: nil, children: 0)
  }

  private mutating func add(_ name: String, _ points: Double) {
    if points != 0 { parts.append((name, points)) }
  }

  package static func == (a: PageScore, b: PageScore) -> Bool { a.value == b.value }
}
