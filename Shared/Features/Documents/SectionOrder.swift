/// The order in which readers of a kind of site look for things, as curated files have it. What no word tells keeps the
/// site's own order, in
/// the middle.
struct SectionOrder {
  private let first: [String]
  private let last: [String]

  init(_ siteType: String) {
    switch siteType {
    case "service":
      first = [
        "product", "feature", "platform", "solution", "overview", "getting started", "quick", "use case", "pricing",
      ]
      last = [
        "docs", "documentation", "developer", "api", "reference", "example", "blog", "article", "compar", "resource",
        "help", "support", "faq", "company", "about", "legal",
      ]
    case "agency":
      first = ["service", "expertise", "what we do", "industr", "case stud", "work", "project", "portfolio", "client"]
      last = ["insight", "blog", "article", "company", "about", "team", "contact", "legal"]
    case "shop":
      first = ["categor", "collection", "product", "shop", "guide", "buying"]
      last = ["blog", "article", "help", "support", "faq", "company", "about", "contact", "polic", "legal"]
    case "blog":
      first = ["overview", "start", "post", "article", "blog"]
      last = ["project", "resource", "about", "contact", "legal"]
    default:
      first = [
        "getting started", "get started", "quick", "install", "tutorial", "overview", "introduction", "start here",
      ]
      last = [
        "example", "faq", "glossary", "help", "support", "troubleshooting", "resource", "blog", "article", "community",
        "company", "about",
      ]
    }
  }

  func isFirst(_ name: String) -> Bool { rank(of: name) < 0 }

  /// Less for what comes before.
  func rank(of name: String) -> Int {
    let name = name.lowercased()
    if let index = first.firstIndex(where: name.hasPrefix) { return index - first.count }
    if let index = last.firstIndex(where: name.hasPrefix) { return index + 1 }
    return 0
  }
}
