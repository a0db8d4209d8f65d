import Web

/// Names the pages of a site by their navigation labels, headings or titles, without the parts that belong to the site.
struct Titles {
  /// The shared part of the titles, usually the name of the site.
  var shared: String? { parts.first?.shared }
  /// The shared parts of the titles; each is removed after the one before it.
  private let parts: [SharedTitlePart]
  /// The last parts of three or more titles, such as `Blog` in `Why we left - Blog`.
  private let categories: Set<String>
  private var home: NormalizedURL?
  /// The heading that many pages share, usually the name of the site.
  private let sharedHeading: String?
  /// Headings of three or more pages with different titles.
  private var ambiguousHeadings: Set<String> = []
  /// The declared name of the site and the home page's name for it, in lower case.
  private var siteNames: Set<String> = []
  /// Versions at the end of many names.
  private var versions: Set<String> = []
  /// Folders with numbered pages: `1 Basics`, `2 Types`, `3 Functions`.
  private var numberedFolders: Set<[Substring]> = []

  /// Determines the part that at least three titles and 30 % of them begin or end with, and the heading that as many
  /// pages have.
  init(_ titles: [String], headings: [String] = []) {
    var counts: [String: Int] = [:]
    for heading in headings { counts[heading, default: 0] += 1 }
    sharedHeading =
      counts.filter { $0.value >= max(3, (headings.count * 3 + 9) / 10) }.max {
        ($0.value, $1.key) < ($1.value, $0.key)
      }?.key
    var parts: [SharedTitlePart] = []
    var titles = titles
    while parts.count < 3, case let part = SharedTitlePart(titles), part.shared != nil {
      parts.append(part)
      titles = titles.map(part.removed)
    }
    var tails: [String: Int] = [:]
    for title in titles { if let (_, tail) = SharedTitlePart.splitLast(title) { tails[tail, default: 0] += 1 } }
    categories = Set(tails.filter { $0.value >= 3 }.keys)
    self.parts = parts
  }

  init(_ pages: [Page]) {
    self.init(pages.compactMap(\.title), headings: pages.compactMap(\.heading))
    var titles: [String: Set<String>] = [:]
    for page in pages {
      if let heading = page.heading, let title = page.title { titles[Self.clean(heading), default: []].insert(title) }
    }
    ambiguousHeadings = Set(titles.filter { $0.value.count >= 3 }.keys)
    guard let home = pages.first else { return }
    self.home = home.url
    let names = [home.siteName, home.siteName.flatMap(Self.siteName), shared, shared.flatMap(Self.siteName)]
    siteNames = Set(names.compactMap { $0?.lowercased() })
    var counts: [String: Int] = [:]
    var numbers: [[Substring]: Set<Int>] = [:]
    for page in pages {
      guard let text = page.heading ?? page.title.map(withoutShared) else { continue }
      if let version = Self.trailingVersion(of: text)?.version { counts[version, default: 0] += 1 }
      if let number = Self.leadingNumber(of: text)?.number {
        numbers[page.url.segments.dropLast(), default: []].insert(number)
      }
    }
    versions = Set(counts.filter { $0.value >= max(3, pages.count / 5) }.keys)
    numberedFolders = Set(numbers.filter { $0.value.isSuperset(of: [1, 2, 3]) }.keys)
  }

  /// Returns the name of a page: its navigation label, else its heading, else its title without the site's part, else
  /// its first heading of level 2, else the last part of its path.
  ///
  /// If a page has several headings of level 1, its title decides. A heading that is a slogan is replaced by a title that
  /// the URL confirms: `Pricing` rather than `Simple prices for every team`. Prompt injections are not used as names.
  ///
  /// - Parameter label: The label of the page in the site's navigation; see ``labels(in:_:)``.
  func name(of page: Page, label: String? = nil) -> String {
    let own = ownName(of: page)
    let label = page.url == home ? nil : label
    let name = label.flatMap { usableLabel($0, for: page, beside: own) } ?? shortTitle(of: page, beside: own) ?? own
    if let name = Self.withoutArchivePrefix(withoutNoise(name, page)).unlessInjection { return Self.shortened(name) }
    return page.url.segments.last.map(\.humanized)?.unlessInjection ?? page.url.host
  }

  /// Removes the site's version and the number of the page among its siblings.
  private func withoutNoise(_ name: String, _ page: Page) -> String {
    var name = name
    if let (rest, version) = Self.trailingVersion(of: name), versions.contains(version) { name = rest }
    if numberedFolders.contains(Array(page.url.segments.dropLast())), let (_, rest) = Self.leadingNumber(of: name) {
      name = rest
    }
    return name
  }

  /// Returns a title of up to three words that equals the last part of the URL and shares no word with the heading.
  private func shortTitle(of page: Page, beside name: String) -> String? {
    guard let segment = page.url.segments.last, let title = page.title.map({ ownPart(of: $0) }), title != name else {
      return nil
    }
    let short = title.plainWords
    guard (1...3).contains(short.count), short == String(segment.prefix { $0 != "." }).plainWords,
      Set(name.plainWords).isDisjoint(with: short)
    else { return nil }
    return title
  }

  /// Removes the word that blog programs write before the name of a category.
  private static func withoutArchivePrefix(_ name: String) -> String {
    for prefix in ["Category: ", "Kategorie: ", "Catégorie : ", "Categoría: ", "Categoria: ", "Categorie: "]
    where name.hasPrefix(prefix) && name.count > prefix.count + 1 {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }

  /// Cuts a name at ``longestName`` characters, between words.
  private static func shortened(_ name: String) -> String {
    guard name.count > longestName else { return name }
    let head = name.prefix(longestName)
    return balanced(String(head.lastIndex(of: " ").map { head[..<$0] } ?? head))
  }

  private static let longestName = 120

  private func ownName(of page: Page) -> String {
    let title = page.title.map { ownPart(of: $0, isTitle: true) } ?? ""
    let isTitled = !title.isEmpty && !Self.placeholders.contains(title.lowercased()) && !isSiteName(title)
    let tops = page.headings.filter { $0.level == 1 }.map { Self.clean($0.text) }
    let isUndecided = Set(tops).count > 1 && isTitled
    if let heading = page.heading.map({ ownPart(of: $0) }), (2...90).contains(heading.count),
      page.heading != sharedHeading,
      !isUndecided || heading.lowercased() == title.lowercased(),
      !isTitled || isName(heading, of: page, title: title)
    {
      // Some templates show headings in lower case.
      if heading.lowercased() == title.lowercased(), heading == heading.lowercased() { return title }
      return Self.withoutOrdinal(heading, title: page.title)
    }
    if isTitled || page.url.segments.isEmpty && !title.isEmpty { return title }
    if let heading = page.headings.first(where: { $0.level == 2 }).map({ Self.clean($0.text) }),
      (2...60).contains(heading.count), !isGeneric(heading)
    {
      return heading
    }
    return page.url.segments.last.map(\.humanized) ?? page.url.host
  }

  func isSiteName(_ title: String) -> Bool {
    let name = title.lowercased()
    return siteNames.contains(name) || name == shared?.lowercased()
  }

  /// Removes from a title or heading the parts that belong to the site, and from a title a category of pages.
  private func ownPart(of title: String, isTitle: Bool = false) -> String {
    var text = title.folded
    for part in parts { text = part.removed(from: text) }
    if let (head, tail) = SharedTitlePart.splitLast(text),
      siteNames.contains(tail.lowercased()) || isTitle && categories.contains(tail)
    {
      text = head
    } else if let (head, tail) = SharedTitlePart.splitFirst(text), siteNames.contains(head.lowercased()) {
      text = tail
    } else if let (head, inside) = SharedTitlePart.bracket(of: text), siteNames.contains(inside.lowercased()) {
      text = head
    }
    return Self.clean(text)
  }

  /// Whether a heading names the page rather than its first section.
  private func isName(_ heading: String, of page: Page, title: String) -> Bool {
    if isGeneric(heading) { return title.lowercased().contains(heading.lowercased()) }
    // A heading of level 2 names the page only if the title contains it.
    if !page.headings.contains(where: { $0.level == 1 }),
      page.headings.contains(where: { $0.level == 2 && $0.text == page.heading })
    {
      return title.lowercased().contains(heading.lowercased())
    }
    return true
  }

  private func isGeneric(_ heading: String) -> Bool {
    Self.genericHeadings.contains(heading.lowercased()) || ambiguousHeadings.contains(heading)
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

  /// Removes the shared part from a title.
  func withoutShared(_ title: String) -> String { parts.first?.removed(from: title) ?? title }
}
