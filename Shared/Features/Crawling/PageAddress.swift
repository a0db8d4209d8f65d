package import Web

/// Classifies URLs: system pages, variations of pages, date archives and logins.
package enum PageAddress {
  /// Whether a URL alone identifies a system page: search, login, an index, a tag or a further page of a list.
  ///
  /// Below a documentation folder or on a documentation host, a word such as `search` or `login` may be the subject of
  /// the page. `SiteAnalysis` classifies such pages by their content.
  package static func isSystem(_ url: NormalizedURL) -> Bool {
    if let query = url.query, isVariation(url) || parameters(query).contains(where: isSystem) { return true }
    if isDateArchive(url) { return true }
    let segments = url.segments.map(stem)
    for (index, segment) in segments.enumerated() {
      if isGenerated(segment) || indexes.contains(segment) { return true }
      if segment == "page", index + 1 < segments.count, Int(segments[index + 1]) != nil { return true }
      // `/admin/` is a system page. `/admin.html` and `/ref/admin/` document administration.
      if segment == "admin", index > 0 || url.segments[0].contains(".") { continue }
      if systemSegments.contains(segment) || lists.contains(segment) || gates.contains(segment) {
        return !isDocumentation(url, segments[..<index])
      }
    }
    return false
  }

  /// Whether a URL is below a documentation folder or on a documentation host.
  ///
  /// - Parameter folders: The stems of the URL's segments that count as folders.
  package static func isDocumentation(_ url: NormalizedURL, _ folders: ArraySlice<String>) -> Bool {
    folders.contains { manuals.contains($0) || interfaces.contains($0) }
      || ["docs", "doc", "developer", "developers", "help", "support", "api", "learn", "wiki"].contains {
        url.host.hasPrefix($0 + ".")
      }
  }

  /// Whether a query parameter identifies a search, a preview or a further page of a list.
  private static func isSystem(_ parameter: (name: String, value: Substring)) -> Bool {
    switch parameter.name {
    // A numeric `page` is a page of a list; other values may be the name of a page.
    case "page", "paged", "pg", "start", "offset": !parameter.value.isEmpty && parameter.value.allSatisfy(\.isNumber)
    case "s", "q", "query", "search": true
    case "preview", "draft": parameter.value != "false"
    default: false
    }
  }

  /// Whether a URL's query sorts, filters or formats a page, or triggers an action.
  ///
  /// Such URLs add no content to the plain URL, and a site can have an unlimited number of them.
  package static func isVariation(_ url: NormalizedURL) -> Bool {
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

  /// Query parameters that only change the presentation of a page or trigger an action.
  private static let variations: Set<String> = [
    "sort", "sort_by", "sortby", "order", "orderby", "order_by", "dir", "color", "colour", "size", "brand", "price",
    "min_price", "max_price", "material", "rating", "in_stock", "availability", "facet", "facets", "print", "printable",
    "replytocom", "share", "add-to-cart", "add_to_cart", "add-to-wishlist", "remove_item", "oldid", "diff", "returnurl",
    "return_url", "return_to", "redirect_to", "destination",
  ]

  /// Whether a URL is an archive by date, such as `/2024/05/`, `/calendar/2031-02` or `?month=2031-02`.
  package static func isDateArchive(_ url: NormalizedURL) -> Bool {
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
    // A year alone is an archive only below a folder such as `/calendar/`.
    if tail.count > 1 || first.count == 7 && first.dropFirst(4).first == "-" { return true }
    return segments.contains { ["calendar", "kalender", "archive", "archives"].contains($0.lowercased()) }
  }

  /// Whether a URL is a login, registration, consent or paywall page.
  package static func isGate(_ url: NormalizedURL) -> Bool {
    let segments = url.segments.map(stem)
    return segments.firstIndex(where: gates.contains).map { !isDocumentation(url, segments[..<$0]) } ?? false
  }

  package static let gates: Set<String> = [
    "login", "log-in", "signin", "sign-in", "logon", "signup", "sign-up", "register", "wp-login", "consent",
    "cookie-consent", "cookie-wall", "age-gate", "age-check", "paywall",
  ]

  private static func parameters(_ query: String) -> [(name: String, value: Substring)] {
    query.split { $0 == "&" || $0 == ";" }.map { parameter in
      let halves = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (halves[0].lowercased(), halves.count > 1 ? halves[1] : "")
    }
  }

  /// Whether a URL is that of the notes of one release: a page in a folder of release notes, or one that is named by a
  /// version, such as `/releaselog/3_40_1.html` and `/whatsnew/3.11.html`.
  package static func isReleaseNote(_ url: NormalizedURL) -> Bool {
    let segments = url.segments.map(stem)
    guard let last = segments.last else { return false }
    if segments.dropLast().contains(where: releaseFolders.contains) { return true }
    if releaseFolders.contains(where: { last.hasPrefix($0 + "-") }) { return true }
    var name = url.segments.last!.lowercased()[...]
    for type in [".html", ".htm", ".php", ".aspx"] where name.hasSuffix(type) { name = name.dropLast(type.count) }
    if name.hasPrefix("v") { name = name.dropFirst() }
    let parts = name.split { ".-_".contains($0) }
    // A name that begins with a year is dated.
    return parts.count >= 3 && parts.prefix(3).allSatisfy { $0.allSatisfy(\.isNumber) }
      && !(1900...2200).contains(Int(parts[0]) ?? 0)
  }

  private static let releaseFolders: Set<String> = [
    "releases", "release", "releaselog", "release-notes", "releasenotes", "changelog", "changelogs", "whatsnew",
    "whats-new", "version-history",
  ]

  package static let systemSegments: Set<String> = [
    "search", "logout", "cart", "basket", "checkout", "account", "my-account", "admin", "print", "feed", "rss",
    "sitemap", "password-reset", "forgot-password", "lost-password", "unsubscribe", "thank-you", "index-all",
    "wishlist", "draft", "drafts", "internal", "private", "staging", "intranet", "trackback",
  ]

  /// Segments of pages that list other pages by tag or author.
  package static let lists: Set<String> = ["tag", "tags", "all-tags", "author", "authors"]

  /// Segments of pages that list other pages by category. In a shop they are product pages.
  package static let categories: Set<String> = ["category", "categories", "product-category"]

  /// Whether a URL is a generated index of modules with annotations.
  ///
  /// Such a page is worth listing, but the order of its links is not a reading order.
  package static func isModuleIndex(_ url: NormalizedURL) -> Bool {
    url.segments.last.map { indexes.contains(stem($0)) } ?? false
  }

  private static let indexes: Set<String> = ["py-modindex", "modindex"]

  /// Whether a URL is that of a page that a program generates for navigation: an index of all names, a list of sources.
  package static func isGenerated(_ url: NormalizedURL) -> Bool { url.segments.contains { isGenerated(stem($0)) } }

  private static func isGenerated(_ segment: String) -> Bool {
    segment.hasPrefix("genindex") || segment.hasPrefix("allclasses") || machinery.contains(segment)
  }

  /// Segments of system pages on any site.
  private static let machinery: Set<String> = [
    "wp-admin", "cgi-bin", "404", "500", "not-found",
    // Generated by documentation tools: source listings, class trees and lists, the index of a book.
    "-modules", "-sources", "src-html", "class-use", "index-files", "package-tree", "overview-tree", "package-use",
    "constant-values", "serialized-form", "deprecated-list", "help-doc", "bookindex", "concept-index", "function-index",
    "variable-index", "hierarchy", "functions-func", "functions-vars",
  ]

  /// Folders of documentation.
  package static let manuals: Set<String> = [
    "docs", "doc", "documentation", "guide", "guides", "manual", "handbook", "reference", "learn", "tutorial",
    "tutorials", "developer", "developers", "wiki", "kb", "knowledge-base", "help", "help-center", "support",
  ]
  /// Folders of API documentation.
  package static let interfaces: Set<String> = [
    "api", "apis", "api-reference", "api-docs", "rest", "rest-api", "graphql", "sdk", "sdks", "cli", "endpoints",
  ]

  /// Returns a URL segment in lower case, without its file extension and with hyphens for underscores.
  package static func stem(_ segment: Substring) -> String {
    var name = segment.lowercased()
    if let dot = name.lastIndex(of: "."), dot != name.startIndex { name = String(name[..<dot]) }
    if name.hasPrefix("sect.") { name.removeFirst(5) }
    return name.utf8.contains(UInt8(ascii: "_")) ? name.replacing("_", with: "-") : name
  }
}
