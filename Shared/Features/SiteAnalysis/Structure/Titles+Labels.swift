import Web

extension Titles {
  /// Returns the labels of pages in the navigation of the site. A label that leads to several pages is omitted.
  ///
  /// The navigation of the home page and of one page of each folder is read, because many sites have a sidebar for each
  /// part. If a page has several labels, its own heading is preferred, then the most frequent one.
  static func labels(in pages: [Page], _ links: SiteLinks) -> [NormalizedURL: String] {
    var counts: [NormalizedURL: [(text: String, count: Int)]] = [:]
    for page in sample(of: pages) {
      for link in page.links where link.region != .content && !link.hasFragment {
        guard (2...longestLabel * 2).contains(link.text.utf8.count), let url = links.target(of: link, on: page) else {
          continue
        }
        let text = clean(link.text)
        guard isLabel(text) else { continue }
        if let index = counts[url]?.firstIndex(where: { $0.text == text }) {
          counts[url]![index].count += 1
        } else {
          counts[url, default: []].append((text, 1))
        }
      }
    }
    var headings: [NormalizedURL: String] = [:]
    for page in pages { headings[page.url.pageIdentity] = page.heading.map(clean) }
    var uses: [String: Int] = [:]
    let labels = counts.compactMapValues { candidates in
      candidates.enumerated().max { ($0.element.count, $1.offset) < ($1.element.count, $0.offset) }?.element.text
    }.merging(
      headings.filter { heading in counts[heading.key]?.contains { $0.text == heading.value } ?? false },
      uniquingKeysWith: { $1 })
    for text in labels.values { uses[text.lowercased(), default: 0] += 1 }
    return labels.filter { uses[$0.value.lowercased()] == 1 }
  }

  /// The home page, the first pages of up to eight folders, and up to four pages that are not in a folder.
  private static func sample(of pages: [Page]) -> [Page] {
    var folders: Set<[Substring]> = []
    var (inFolders, others): ([Page], [Page]) = ([], [])
    for page in pages {
      let folder = Array(page.url.segments.dropLast().prefix(2))
      if folder.isEmpty {
        if others.count < 5 { others.append(page) }
      } else if inFolders.count < 8, folders.insert(folder).inserted {
        inFolders.append(page)
      }
    }
    return others.prefix(1) + inFolders + others.dropFirst()
  }

  private static let longestLabel = 48

  /// Whether the text of a link in the navigation names a page, unlike `Read more`, `Home` or `Next: Install »`.
  private static func isLabel(_ text: String) -> Bool {
    guard (2...longestLabel).contains(text.count), text.contains(where: \.isLetter) else { return false }
    let lower = text.lowercased()
    if genericLabels.contains(lower) { return false }
    let first = lower.first!
    let last = lower.last!
    if "←→«»‹›<>↑".contains(first) || "←→«»‹›<>↑↗".contains(last) { return false }
    // "with FastAPI" continues the name of a group, and "Lesson 7" is only a number.
    let words = lower.split(separator: " ")
    if ["vs", "vs.", "with", "and", "or", "for", "in", "on", "of", "by", "mit", "für", "avec", "pour", "con"].contains(
      words[0])
    {
      return false
    }
    if words.count == 2, words[1].allSatisfy(\.isNumber), numbered.contains(words[0]) { return false }
    return !["next ", "next:", "prev ", "previous ", "prev:", "previous:", "edit ", "skip to ", "back to "].contains(
      where: lower.hasPrefix)
  }

  private static let numbered: Set<Substring> = ["lesson", "part", "chapter", "step", "unit", "module", "week", "day"]

  private static let genericLabels: Set<String> = [
    "here", "read more", "learn more", "more", "next", "previous", "prev", "index", "start here", "home", "back", "up",
    "top", "details", "see more", "click here", "get started", "view all", "see all", "all", "link", "home page",
    "continue reading", "read", "view", "docs", "documentation", "overview", "intro", "introduction", "sign in",
    "sign up", "log in", "login", "try it free", "start free trial", "contact sales", "book a demo", "request a demo",
    "buy now", "menu", "logo", "search", "edit", "edit this page", "skip to content", "general", "main", "contents",
    "mehr", "weiterlesen", "startseite", "zurück", "weiter", "accueil", "en savoir plus", "lire la suite", "suivant",
    "précédent", "inicio", "leer más", "siguiente", "anterior", "ホーム", "首页", "更多",
  ]

  /// Returns a label if it names the page well, or `nil` to keep the page's own name.
  ///
  /// A label must share a word with the page's name, title or URL. A label that continues the page's name is the text of
  /// a menu entry with an explanation. A single word does not replace a name of two words that contains it: `Realtime
  /// transport` says more than `Transport`.
  func usableLabel(_ label: String, for page: Page, beside own: String) -> String? {
    let text = Self.clean(label)
    guard Self.isLabel(text), text.lowercased() != own.lowercased() else { return nil }
    if text.isUnspaced { return own.contains(text) && text.count >= 3 ? text : nil }
    let words = text.plainWords
    let ownWords = own.plainWords
    guard words.count <= 7, words.count <= ownWords.count + 3 else { return nil }
    if words.count > ownWords.count, words.starts(with: ownWords) { return nil }
    let segment = page.url.segments.last.map { String($0.prefix { $0 != "." }) } ?? ""
    let stems = Self.stems([own, page.title ?? "", segment].joined(separator: " "))
    guard !Self.stems(text).isDisjoint(with: stems) else { return nil }
    if words.count == 1, ownWords.count <= 4, ownWords.contains(words[0]) {
      let others = ownWords.filter { $0 != words[0] && !isSiteName(String($0)) && !Self.fillers.contains($0.prefix(4)) }
      if !others.isEmpty { return nil }
    }
    return text
  }

  /// The first four letters of each word, without words that all texts have.
  private static func stems(_ text: String) -> Set<Substring> {
    Set(text.plainWords.map { $0.prefix(4) }).subtracting(fillers)
  }

  /// The first four letters of words that do not relate two texts.
  private static let fillers: Set<Substring> = [
    "the", "and", "for", "with", "a", "of", "to", "in", "on", "your", "how", "what", "why", "use", "usin", "guid",
    "docs",
    "page", "get", "more", "an", "is", "from", "mit", "für", "der", "die", "das", "le", "la", "les", "de", "des", "du",
    "el", "los", "y", "et", "und",
  ]
}
