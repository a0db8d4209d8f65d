import Web

/// Names the pages of a site by their headings or titles, without the part that all titles of the site share.
struct Titles {
  /// The shared part of the titles, usually the name of the site.
  var shared: String? { part.shared }
  private let part: SharedTitlePart
  /// The heading that many pages share, usually the name of the site.
  private let sharedHeading: String?
  /// Headings of three or more pages with different titles.
  private var ambiguousHeadings: Set<String> = []

  /// Determines the part that at least three titles and 30 % of them begin or end with, and the heading that as many
  /// pages have.
  init(_ titles: [String], headings: [String] = []) {
    var counts: [String: Int] = [:]
    for heading in headings { counts[heading, default: 0] += 1 }
    sharedHeading =
      counts.filter { $0.value >= max(3, (headings.count * 3 + 9) / 10) }.max {
        ($0.value, $1.key) < ($1.value, $0.key)
      }?.key
    part = SharedTitlePart(titles)
  }

  init(_ pages: [Page]) {
    self.init(pages.compactMap(\.title), headings: pages.compactMap(\.heading))
    var titles: [String: Set<String>] = [:]
    for page in pages {
      if let heading = page.heading, let title = page.title { titles[Self.clean(heading), default: []].insert(title) }
    }
    ambiguousHeadings = Set(titles.filter { $0.value.count >= 3 }.keys)
  }

  /// Returns the labels of pages in the home page's navigation.
  static func labels(in home: Page, _ links: SiteLinks) -> [NormalizedURL: String] {
    var labels: [NormalizedURL: String] = [:]
    for link in home.links where link.region != .content {
      guard let url = links.target(of: link, on: home), labels[url] == nil else { continue }
      let text = clean(link.text)
      if !text.isEmpty { labels[url] = text }
    }
    return labels
  }

  /// Returns the name of a page: its heading, or else its title without the shared part.
  ///
  /// A heading that is a slogan is replaced by the navigation label or the title if the URL confirms it: `Pricing`
  /// rather than `Simple prices for every team`. Prompt injections are not used as names.
  ///
  /// - Parameter label: The label of the page in the home page's navigation.
  func name(of page: Page, label: String? = nil) -> String {
    let own = ownName(of: page)
    let name = plainName(of: page, label: label, beside: own) ?? own
    if let name = name.unlessInjection { return Self.shortened(name) }
    return page.url.segments.last.map(\.humanized)?.unlessInjection ?? page.url.host
  }

  /// Returns a label or title that replaces a heading that is a slogan, or `nil` to keep the heading.
  private func plainName(of page: Page, label: String?, beside name: String) -> String? {
    guard let segment = page.url.segments.last else { return nil }
    let title = page.title.map { Self.clean(withoutShared($0)) }
    let address = String(segment.prefix { $0 != "." }).plainWords
    let own = name.plainWords
    for candidate in [label, title].compactMap({ $0 }) where candidate != name {
      let short = candidate.plainWords
      guard (1...3).contains(short.count),
        short == address || candidate == label && candidate.lowercased() == title?.lowercased()
      else { continue }
      if candidate == label && own.count >= 5 || Set(own).isDisjoint(with: short) { return candidate }
    }
    return nil
  }

  /// Cuts a name at ``longestName`` characters, between words.
  private static func shortened(_ name: String) -> String {
    guard name.count > longestName else { return name }
    let head = name.prefix(longestName)
    return String(head.lastIndex(of: " ").map { head[..<$0] } ?? head)
  }

  private static let longestName = 120

  private func ownName(of page: Page) -> String {
    let title = page.title.map { Self.clean(withoutShared($0)) }
    let isTitled = title.map { !$0.isEmpty && !Self.placeholders.contains($0.lowercased()) } ?? false
    if let heading = page.heading.map({ Self.clean(withoutShared($0)) }), (2...90).contains(heading.count),
      page.heading != sharedHeading,
      !isTitled || isName(heading, of: page, title: title ?? "")
    {
      return Self.withoutOrdinal(heading, title: page.title)
    }
    if let title, !title.isEmpty, page.url.segments.isEmpty || isTitled { return title }
    return page.url.segments.last.map(\.humanized) ?? page.url.host
  }

  /// Whether a heading names the page rather than its first section.
  private func isName(_ heading: String, of page: Page, title: String) -> Bool {
    if Self.genericHeadings.contains(heading.lowercased()) || ambiguousHeadings.contains(heading) {
      return title.lowercased().contains(heading.lowercased())
    }
    let tops = page.headings.filter { $0.level == 1 }.map { Self.clean($0.text) }
    if tops.count > 1, tops.contains(heading) { return !Set(heading.plainWords).isDisjoint(with: title.plainWords) }
    // A heading of level 2 names the page only if the title contains it.
    if tops.isEmpty, page.headings.contains(where: { $0.level == 2 && Self.clean($0.text) == heading }) {
      return title.lowercased().contains(heading.lowercased())
    }
    return true
  }

  /// Headings that usually name the first section of a page.
  private static let genericHeadings: Set<String> = [
    "overview", "introduction", "summary", "executive summary", "name", "description", "detailed description",
    "synopsis", "contents", "abstract",
    "table of contents", "usage", "preface", "purpose", "about this page", "navigation", "menu",
  ]

  /// Removes the number from a heading such as `2 Sequential Programming` if the title has the heading without it.
  private static func withoutOrdinal(_ heading: String, title: String?) -> String {
    let number = heading.prefix { $0.isNumber || $0 == "." }
    let rest = heading.dropFirst(number.count).drop { $0.isWhitespace }
    guard !number.isEmpty, rest.count >= 3, rest.first!.isLetter,
      heading.dropFirst(number.count).first?.isWhitespace ?? false, let title = title?.lowercased(),
      !title.contains(heading.lowercased()), title.contains(rest.lowercased())
    else { return heading }
    return String(rest)
  }

  /// Default titles of editors and frameworks.
  private static let placeholders: Set<String> = [
    "untitled", "untitled document", "untitled page", "document", "home", "index", "loading", "loading...", "loading…",
    "new page", "no title", "page title", "title",
  ]

  /// Returns the part of a home page's title that names the site: `Acme` in `Acme | The best tools`.
  static func siteName(_ title: String, host: String) -> String? {
    var parts = [title]
    while let (head, tail) = SharedTitlePart.splitFirst(parts.last!) {
      parts.replaceSubrange((parts.count - 1)..., with: [head, tail])
    }
    let labels = host.split(separator: ".").map(String.init)
    let name = parts.first { part in
      let plain = part.lowercased().filter { $0.isLetter || $0.isNumber }
      return labels.contains { $0.count > 3 && (plain.contains($0) || $0.contains(plain)) }
    }
    let chosen = name ?? parts[0]
    return (2...60).contains(chosen.count) ? chosen : nil
  }

  /// Removes the shared part from a title.
  func withoutShared(_ title: String) -> String { part.removed(from: title) }

  /// Removes a section number (`5.`, `6.2.`, `Chapter 6.`), trailing marks and a long subtitle from a title.
  static func clean(_ title: String) -> String {
    var text = withoutNumber(title.folded)
    for suffix in [" Manual Page", " man page"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    while let last = text.last,
      "¶§:–—-".contains(last) || last.isWhitespace || last == "#" && !endsWithNameSign(text)
    {
      text.removeLast()
    }
    if text.count > 64, let colon = text.firstRange(of: ": "),
      text.distance(from: text.startIndex, to: colon.lowerBound) >= 8
    {
      text = String(text[..<colon.lowerBound])
    }
    return text
  }

  /// Whether a text ends with a name such as `C#` or `F#` rather than with the `#` of a permalink.
  private static func endsWithNameSign(_ text: String) -> Bool {
    let word = text.dropLast().reversed().prefix { $0.isLetter || $0.isNumber }
    return (1...2).contains(word.count) && word.allSatisfy { $0.isUppercase || $0.isNumber }
  }

  /// Whether a number at the beginning of a title is a version rather than a section number.
  private static func isVersion(_ number: Substring, _ rest: Substring) -> Bool {
    if number.hasSuffix(".") { return false }
    if number.hasSuffix(".0") || number.hasSuffix(".x") { return true }
    let words = rest.lowercased().split { !$0.isLetter }.prefix(3)
    return words.contains {
      [
        "migration", "migrating", "release", "releases", "upgrade", "upgrading", "changes", "changelog", "version",
        "beta", "alpha", "preview", "notes", "api", "lts",
      ].contains($0)
    }
  }

  /// Removes a chapter or section number from the beginning of a title.
  static func withoutNumber(_ title: String) -> String {
    var rest = title[...]
    for word in ["Chapter ", "Appendix ", "Section ", "Part ", "§ "] where rest.hasPrefix(word) {
      let number = rest.dropFirst(word.count).prefix { $0.isNumber || $0.isASCII && $0.isUppercase || $0 == "." }
      let after = rest.dropFirst(word.count + number.count)
      guard !number.isEmpty, let first = after.first, first.isWhitespace || first == ":" || first == "—" else {
        continue
      }
      return withoutNumber(String(after.drop { $0.isWhitespace || ":—–".contains($0) }))
    }
    let number = rest.prefix { $0.isNumber || $0 == "." }
    // "5. Data" and "6.2 apt" have section numbers; "10 tips" and "3D" do not.
    if number.contains("."), number.first?.isNumber ?? false, rest.dropFirst(number.count).first?.isWhitespace ?? false,
      !isVersion(number, rest)
    {
      rest = rest.dropFirst(number.count).drop { $0.isWhitespace }
    } else if let first = rest.first, first.isUppercase,
      rest.dropFirst().hasPrefix(". ") || rest.dropFirst().first == "."
    {
      // "A. Appendix", "B.1. More".
      let letter = rest.dropFirst().prefix { $0.isNumber || $0 == "." }
      let after = rest.dropFirst(1 + letter.count)
      if after.first?.isWhitespace ?? false { rest = after.drop { $0.isWhitespace } }
    }
    return rest.isEmpty ? title : String(rest)
  }
}
