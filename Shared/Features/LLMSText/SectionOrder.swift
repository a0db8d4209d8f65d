import SiteAnalysis

/// The order of sections that readers of a site of a certain type expect, as in hand-written llms.txt files.
///
/// The order follows from the beginnings of section names. Other sections are in the middle, in the site's order.
struct SectionOrder {
  private let first: [String]
  private let last: [String]

  init(_ siteType: SiteType) {
    switch siteType {
    case .service:
      first = [
        "product", "feature", "platform", "solution", "overview", "getting started", "quick", "use case", "pricing",
      ]
      last = [
        "docs", "documentation", "developer", "api", "reference", "example", "blog", "article", "compar", "resource",
        "help", "support", "faq", "company", "about", "legal",
      ]
    case .agency:
      first = ["service", "expertise", "what we do", "industr", "case stud", "work", "project", "portfolio", "client"]
      last = ["insight", "blog", "article", "company", "about", "team", "contact", "legal"]
    case .shop:
      first = ["categor", "collection", "product", "shop", "guide", "buying"]
      last = ["blog", "article", "help", "support", "faq", "company", "about", "contact", "polic", "legal"]
    case .blog:
      first = ["overview", "start", "post", "article", "blog"]
      last = ["project", "resource", "about", "contact", "legal"]
    case .documentation, .website:
      first = [
        "getting started", "get started", "quick", "install", "tutorial", "overview", "introduction", "start here",
      ]
      last = [
        "example", "faq", "glossary", "help", "support", "troubleshooting", "resource", "blog", "article", "community",
        "company", "about",
      ]
    }
  }

  /// Whether a section of this name is among those that readers look for first.
  func isLeading(_ name: String) -> Bool { rank(of: name) < 0 }

  /// The sort key of a section: negative for leading sections, positive for trailing ones, else 0.
  func rank(of name: String) -> Int {
    let name = name.lowercased()
    if let index = first.firstIndex(where: name.hasPrefix) { return index - first.count }
    if let index = last.firstIndex(where: name.hasPrefix) { return index + 1 }
    return 0
  }
}
