import Web

/// What the pages of a site are called: their headings, without what every title of the site repeats.
struct Titles {
  /// The part that titles share: the site's own name, as a rule.
  let shared: String?
  private let place: Place
  private enum Place { case front, end, bracket }
  /// The heading of many pages: a site's name above each of them, which is no page's own.
  private let sharedHeading: String?
  /// Headings of several pages whose titles differ.
  private var ambiguous: Set<String> = []

  private static let separators = [" — ", " – ", " | ", "｜", " · ", " :: ", " » ", " • ", " - ", " -- ", " « ", " / "]

  /// Learns the part that at least three pages and 30 % of them begin or end with, and the heading that as many have.
  init(_ titles: [String], headings: [String] = []) {
    var counts: [String: Int] = [:]
    for heading in headings { counts[heading, default: 0] += 1 }
    sharedHeading =
      counts.filter { $0.value >= max(3, (headings.count * 3 + 9) / 10) }.max {
        ($0.value, $1.key) < ($1.value, $0.key)
      }?.key
    var tails: [String: Int] = [:]
    var heads: [String: Int] = [:]
    for title in titles {
      if let (_, tail) = Self.splitLast(title) { tails[tail, default: 0] += 1 }
      if let (head, _) = Self.splitFirst(title) { heads[head, default: 0] += 1 }
    }
    let needed = max(3, (titles.count * 3 + 9) / 10)
    let tail = tails.max { ($0.value, $1.key) < ($1.value, $0.key) }
    let head = heads.max { ($0.value, $1.key) < ($1.value, $0.key) }
    if let tail, tail.value >= needed, tail.value >= head?.value ?? 0 {
      (shared, place) = (tail.key, .end)
    } else if let head, head.value >= needed {
      (shared, place) = (head.key, .front)
    } else {
      // `Assert (JUnit API)`
      var brackets: [String: Int] = [:]
      for title in titles { if let inside = Self.bracket(of: title) { brackets[inside, default: 0] += 1 } }
      (shared, place) = (
        brackets.filter { $0.value >= needed }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key, .bracket
      )
    }
  }

  init(_ pages: [Page]) {
    self.init(pages.compactMap(\.title), headings: pages.compactMap(\.heading))
    var titles: [String: Set<String>] = [:]
    for page in pages {
      if let heading = page.heading, let title = page.title { titles[Self.clean(heading), default: []].insert(title) }
    }
    ambiguous = Set(titles.filter { $0.value.count >= 3 }.keys)
  }

  /// What the home page's navigation calls the pages that it leads to.
  static func labels(in home: Page, _ links: SiteLinks) -> [NormalizedURL: String] {
    var labels: [NormalizedURL: String] = [:]
    for link in home.links where link.region != .content {
      guard let url = links.target(of: link, on: home), labels[url] == nil else { continue }
      let text = clean(link.text)
      if !text.isEmpty { labels[url] = text }
    }
    return labels
  }

  /// A page's name: its heading where it has a usable one, else its title without the shared part. A heading that is a
  /// slogan gives way to
  /// what the navigation or the title calls the page and its address, too: Pricing rather than Simple prices for every
  /// team.
  ///
  /// What commands its reader is no name.
  /// - Parameter label: what the home page's navigation calls it.
  func name(of page: Page, label: String? = nil) -> String {
    let own = ownName(of: page)
    let name = plainName(of: page, label: label, beside: own) ?? own
    if let name = name.unlessCommand { return Self.shortened(name) }
    return page.url.segments.last.map(Self.humanized)?.unlessCommand ?? page.url.host
  }

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

  /// Whole words of a title that nobody reads to its end.
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
    return page.url.segments.last.map(Self.humanized) ?? page.url.host
  }

  /// Whether a heading is the page's rather than that of its first part, which many pages have and their titles do not.
  private func isName(_ heading: String, of page: Page, title: String) -> Bool {
    if Self.parts.contains(heading.lowercased()) || ambiguous.contains(heading) {
      return title.lowercased().contains(heading.lowercased())
    }
    let tops = page.headings.filter { $0.level == 1 }.map { Self.clean($0.text) }
    if tops.count > 1, tops.contains(heading) { return !Set(heading.plainWords).isDisjoint(with: title.plainWords) }
    // One of the second level stands for the page where the title says so, too.
    if tops.isEmpty, page.headings.contains(where: { $0.level == 2 && Self.clean($0.text) == heading }) {
      return title.lowercased().contains(heading.lowercased())
    }
    return true
  }

  private static let parts: Set<String> = [
    "overview", "introduction", "summary", "executive summary", "name", "description", "detailed description",
    "synopsis", "contents", "abstract",
    "table of contents", "usage", "preface", "purpose", "about this page", "navigation", "menu",
  ]

  /// `Sequential Programming` of `2 Sequential Programming`, where the title has it without the number.
  private static func withoutOrdinal(_ heading: String, title: String?) -> String {
    let number = heading.prefix { $0.isNumber || $0 == "." }
    let rest = heading.dropFirst(number.count).drop { $0.isWhitespace }
    guard !number.isEmpty, rest.count >= 3, rest.first!.isLetter,
      heading.dropFirst(number.count).first?.isWhitespace ?? false, let title = title?.lowercased(),
      !title.contains(heading.lowercased()), title.contains(rest.lowercased())
    else { return heading }
    return String(rest)
  }

  /// What programs write where nobody wrote a title.
  private static let placeholders: Set<String> = [
    "untitled", "untitled document", "untitled page", "document", "home", "index", "loading", "loading...", "loading…",
    "new page", "no title",
    "page title", "title",
  ]

  /// Of a home page's title, such as `Acme | The best tools`, the part that names the site.
  static func siteName(_ title: String, host: String) -> String? {
    var parts = [title]
    while let (head, tail) = splitFirst(parts.last!) {
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

  /// What stands in brackets at a title's end.
  private static func bracket(of title: String) -> String? {
    guard title.hasSuffix(")"), let range = title.ranges(of: " (").last, range.lowerBound != title.startIndex else {
      return nil
    }
    return String(title[range.upperBound...].dropLast())
  }

  func withoutShared(_ title: String) -> String {
    guard let shared else { return title }
    switch place {
    case .front: if let (head, rest) = Self.splitFirst(title), head == shared { return rest }
    case .end: if let (rest, tail) = Self.splitLast(title), tail == shared { return rest }
    case .bracket: if Self.bracket(of: title) == shared { return String(title.dropLast(shared.count + 3)) }
    }
    return title
  }

  /// Without a number in front (`5.`, `6.2.`, `Chapter 6.`), signs at the end, or a long subtitle.
  static func clean(_ title: String) -> String {
    var text = withoutNumber(title.folded)
    for suffix in [" Manual Page", " man page"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    while let last = text.last, "¶§:–—-".contains(last) || last.isWhitespace || last == "#" && !Self.isNameOfSign(text)
    { text.removeLast() }
    if text.count > 64, let colon = text.firstRange(of: ": "),
      text.distance(from: text.startIndex, to: colon.lowerBound) >= 8
    {
      text = String(text[..<colon.lowerBound])
    }
    return text
  }

  /// `C#` and `F♯` are names; a permalink's sign stands alone, or behind a word.
  private static func isNameOfSign(_ text: String) -> Bool {
    let word = text.dropLast().reversed().prefix { $0.isLetter || $0.isNumber }
    return (1...2).contains(word.count) && word.allSatisfy { $0.isUppercase || $0.isNumber }
  }

  /// Whether what follows a number says that it is a version.
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
    // "5. Data" and "6.2 apt" are numbered; "10 tips" and "3D" are not.
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

  /// `getting-started` becomes `Getting Started`.
  static func humanized(_ segment: some StringProtocol) -> String {
    var name = String(segment)
    if let dot = name.lastIndex(of: "."), dot != name.startIndex { name = String(name[..<dot]) }
    let words = name.split { "-_+.".contains($0) }
    let acronyms: Set<String> = [
      "api", "sdk", "cli", "faq", "ui", "url", "http", "sql", "html", "css", "json", "xml", "ai", "llm", "rest", "c",
    ]
    return words.map { word in
      acronyms.contains(word.lowercased()) ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined(separator: " ")
  }

  /// At the last separator.
  private static func splitLast(_ title: String) -> (String, String)? {
    let text = Array(title.utf8)
    for position in text.indices.reversed() {
      if let separator = marks.first(where: { text.hasPhrase($0, at: position) }) {
        return halves(of: text, at: position, without: separator.count)
      }
    }
    return nil
  }

  /// At the first separator, or at a colon.
  private static func splitFirst(_ title: String) -> (String, String)? {
    let text = Array(title.utf8)
    for position in text.indices {
      if let separator = marksAndColon.first(where: { text.hasPhrase($0, at: position) }) {
        return halves(of: text, at: position, without: separator.count)
      }
    }
    return nil
  }

  private static let marks = separators.map { Array($0.utf8) }
  private static let marksAndColon = marks + [Array(": ".utf8)]

  private static func halves(of text: [UInt8], at position: Int, without count: Int) -> (String, String) {
    (String(decoding: text[..<position], as: UTF8.self), String(decoding: text[(position + count)...], as: UTF8.self))
  }
}
