import Web

extension PageKind {
  /// Whether an address alone tells that nobody came for its page.
  ///
  /// A word such as `search` or `login` tells so by its place: below a folder of documentation, on a host of
  /// documentation, it is a
  /// subject, until what the page holds tells otherwise (``isSystemByContent(_:inShop:)``).
  static func isSystem(_ url: NormalizedURL) -> Bool {
    if let query = url.query, isVariation(url) || parameters(query).contains(where: isSystem) { return true }
    if isDateArchive(url) { return true }
    let segments = url.segments.map(stem)
    for (index, segment) in segments.enumerated() {
      if segment.hasPrefix("genindex") || segment.hasPrefix("allclasses") || indexes.contains(segment)
        || machinery.contains(segment)
      {
        return true
      }
      if segment == "page", index + 1 < segments.count, Int(segments[index + 1]) != nil { return true }
      // `/admin/` is one, `/admin.html` and `/ref/admin/` are about one.
      if segment == "admin", index > 0 || url.segments[0].contains(".") { continue }
      if systemSegments.contains(segment) || lists.contains(segment) || gates.contains(segment) {
        return !isAmongSubjects(url, segments[..<index])
      }
    }
    return false
  }

  /// Whether a page whose address has a word that may be a subject holds what such pages hold where it is none: a form
  /// and hardly a
  /// text, or a list of links.
  static func isSystemByContent(_ page: Page, inShop: Bool) -> Bool {
    let segments = page.url.segments.map(stem)
    let isEmpty = page.words < 40 && page.headings.count < 3
    if let last = segments.last, systemSegments.contains(last) || gates.contains(last) || last == "compare" {
      return isEmpty
    }
    let isList = page.linkDensity > 60 || isEmpty
    if segments.contains(where: lists.contains) { return isList }
    guard segments.contains(where: categories.contains), !(inShop && leadsToProducts(page)) else { return false }
    return isList || !isAmongSubjects(page.url, segments[...])
  }

  /// Whether a list is one of things for sale, rather than of what was written about them.
  private static func leadsToProducts(_ page: Page) -> Bool {
    page.prices > 0 || page.isOffer
      || page.links.contains { link in
        link.region == .content
          && (page.resolve(link)?.segments.contains { ["product", "products"].contains($0.lowercased()) } ?? false)
      }
  }

  private static func isAmongSubjects(_ url: NormalizedURL, _ folders: ArraySlice<String>) -> Bool {
    folders.contains { manuals.contains($0) || interfaces.contains($0) }
      || ["docs", "doc", "developer", "developers", "help", "support", "api", "learn", "wiki"].contains {
        url.host.hasPrefix($0 + ".")
      }
  }

  private static func isSystem(_ parameter: (name: String, value: Substring)) -> Bool {
    switch parameter.name {
    // Further pages of a list; elsewhere `page` is the page's name.
    case "page", "paged", "pg", "start", "offset": !parameter.value.isEmpty && parameter.value.allSatisfy(\.isNumber)
    case "s", "q", "query", "search": true
    case "preview", "draft": parameter.value != "false"
    default: false
    }
  }

  /// Whether an address asks for a page in another order, colour, size or dress, or for something to be done: it holds
  /// nothing that the plain address does not, and there is no end of them.
  static func isVariation(_ url: NormalizedURL) -> Bool {
    guard let query = url.query else { return false }
    return parameters(query).contains { name, value in
      if variations.contains(name) || name.hasPrefix("filter") || name.firstRange(of: "%5b") != nil { return true }
      switch name {
      case "format", "view", "output", "layout":
        return ["print", "printable", "pdf", "amp"].contains(value.lowercased())
      case "action", "do":
        return ["edit", "history", "login", "register", "raw", "info", "export", "diff", "revisions"].contains(
          value.lowercased())
      default: return false
      }
    }
  }

  private static let variations: Set<String> = [
    "sort", "sort_by", "sortby", "order", "orderby", "order_by", "dir", "color", "colour", "size", "brand", "price",
    "min_price", "max_price",
    "material", "rating", "in_stock", "availability", "facet", "facets", "print", "printable", "replytocom", "share",
    "add-to-cart", "add_to_cart",
    "add-to-wishlist", "remove_item", "oldid", "diff", "returnurl", "return_url", "return_to", "redirect_to",
    "destination",
  ]

  /// Whether an address is that of a list by date, such as `/2024/05/`, `/calendar/2031-02` or `?month=2031-02`.
  static func isDateArchive(_ url: NormalizedURL) -> Bool {
    if let query = url.query {
      let isDated = parameters(query).contains {
        ["month", "year", "date", "week", "day"].contains($0.name) && $0.value.contains(where: \.isNumber)
      }
      if isDated { return true }
    }
    let segments = url.segments
    let tail = segments.reversed().prefix { $0.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d } }
    guard let first = tail.last, first.utf8.count >= 4, let year = Int(first.prefix(4)), (1900...2200).contains(year)
    else { return false }
    // `/2024/05/` and `/calendar/2024`; a year alone may be anything.
    if tail.count > 1 || first.count == 7 && first.dropFirst(4).first == "-" { return true }
    return segments.contains { ["calendar", "kalender", "archive", "archives"].contains($0.lowercased()) }
  }

  /// Whether an address is where a visitor has to say who he is, or what he agrees to.
  static func isGate(_ url: NormalizedURL) -> Bool {
    let segments = url.segments.map(stem)
    return segments.firstIndex(where: gates.contains).map { !isAmongSubjects(url, segments[..<$0]) } ?? false
  }

  private static let gates: Set<String> = [
    "login", "log-in", "signin", "sign-in", "logon", "signup", "sign-up", "register", "wp-login", "consent",
    "cookie-consent", "cookie-wall",
    "age-gate", "age-check", "paywall",
  ]

  private static func parameters(_ query: String) -> [(name: String, value: Substring)] {
    query.split { $0 == "&" || $0 == ";" }.map { parameter in
      let halves = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (halves[0].lowercased(), halves.count > 1 ? halves[1] : "")
    }
  }

  private static let systemSegments: Set<String> = [
    "search", "logout", "cart", "basket", "checkout", "account", "my-account", "admin", "print", "feed", "rss",
    "sitemap", "password-reset",
    "forgot-password", "lost-password", "unsubscribe", "thank-you", "index-all", "wishlist", "draft", "drafts",
    "internal", "private", "staging",
    "intranet", "trackback",
  ]

  /// Lists of a site's pages by what they have in common.
  private static let lists: Set<String> = ["tag", "tags", "all-tags", "author", "authors"]

  /// Lists too, except in a shop.
  static let categories: Set<String> = ["category", "categories", "product-category"]

  /// Whether an address is that of an annotated index of modules: worth a line, but its links are no order to read them
  /// in.
  static func isModuleIndex(_ url: NormalizedURL) -> Bool {
    url.segments.last.map { indexes.contains(stem($0)) } ?? false
  }

  private static let indexes: Set<String> = ["py-modindex", "modindex"]

  /// These are nobody's subject.
  private static let machinery: Set<String> = [
    "wp-admin", "cgi-bin", "404", "500", "not-found",
    // What programs make beside documentation: listings of sources, trees and lists of classes, the index of a book.
    "-modules", "-sources", "src-html", "class-use", "index-files", "package-tree", "overview-tree", "package-use",
    "constant-values", "serialized-form",
    "deprecated-list", "help-doc", "bookindex", "concept-index", "function-index", "variable-index", "hierarchy",
    "functions-func", "functions-vars",
  ]
}
