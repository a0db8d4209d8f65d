import LanguageModel
import Web

/// Writes a one-line description of each page of a site.
///
/// The sources are tried in this order: the page's own meta description, the first useful sentence of its text, and the
/// topics that its headings name. A page without a good source has no description.
struct Descriptions {
  /// Template texts (see ``templateText(_:of:_:)``) that three or more pages share, and the home page's description.
  private let repeatedTexts: Set<String>
  /// Headings that occur on at least five pages and 5 % of all pages, in lower case: they belong to the site's
  /// template.
  let commonHeadings: Set<String>
  private let home: NormalizedURL
  /// The maximum length of a description, in units of ``Swift/String/breadth``.
  static let maximumLength = 180

  /// - Parameter titles: The titles of `pages`, in the same order.
  init(_ pages: [Page], titles: [String], home: Page) {
    self.home = home.url
    var counts: [String: Int] = [:]
    for (page, title) in zip(pages, titles) {
      if let text = page.description { counts[Self.templateText(text, of: page, title), default: 0] += 1 }
    }
    repeatedTexts = Set(counts.filter { $0.value >= 3 }.keys).union(home.description.map { [$0] } ?? [])
    var headings: [String: Int] = [:]
    for page in pages {
      for heading in Set(page.headings.map { Titles.clean($0.text).lowercased() }) {
        headings[heading, default: 0] += 1
      }
    }
    commonHeadings = Set(headings.filter { $0.value >= max(5, pages.count / 20) }.keys)
  }

  /// Replaces the words of a page's title and address in its description by placeholders.
  ///
  /// If the result is the same for many pages, a template generated their descriptions.
  private static func templateText(_ text: String, of page: Page, _ title: String) -> String {
    let own = Set(
      ([title, page.title ?? "", page.heading ?? ""] + page.url.segments.suffix(1).map(String.init)).joined(
        separator: " "
      ).plainWords)
    return text.plainWords.map { own.contains($0) ? "\u{0}" : String($0) }.joined(separator: " ")
  }

  /// Replaces descriptions by `nil` if three or more pages share their template text.
  ///
  /// - Parameters:
  ///   - descriptions: The descriptions of `pages` from any source, in the same order.
  ///   - titles: The titles of `pages`, in the same order.
  static func removingTemplates(_ descriptions: [String?], _ pages: [Page], titles: [String]) -> [String?] {
    let templates = pages.indices.map { index in
      descriptions[index].map { templateText($0, of: pages[index], titles[index]) }
    }
    var counts: [String: Int] = [:]
    for template in templates { if let template { counts[template, default: 0] += 1 } }
    return pages.indices.map { index in templates[index].flatMap { counts[$0]! < 3 ? descriptions[index] : nil } }
  }

  /// Returns the description of a page, or `nil` if no source gives a good one.
  ///
  /// - Parameter entries: The names of the pages that the site lists below this page.
  func describe(_ page: Page, title: String, entries: [String] = []) -> String? {
    if let own = page.description, !repeatedTexts.contains(own),
      !repeatedTexts.contains(Self.templateText(own, of: page, title)),
      let text = Self.line(from: Self.capitalized(Self.phrase(from: own) ?? own), title: title)
    {
      return text
    }
    let contents = Self.joinedNames(entries, title: title)
    let topics = contents ?? Self.joinedNames(topics(of: page, title: title), title: title)
    // The questions describe an FAQ better than its first answer.
    if title.contains("FAQ") || title.lowercased().contains("questions") { return topics ?? Self.questions(of: page) }
    var fallback: String?
    let leads = page.paragraphs.prefix(4).filter { !Self.isAside($0) && Self.isProse($0) }
    for (position, paragraph) in leads.prefix(2).enumerated() {
      guard let sentence = Sentences.first(of: paragraph), let phrase = Self.phrase(from: sentence),
        let text = Self.line(from: phrase, title: title)
      else { continue }
      // The first sentence may be a story or a remark. Use it only if it defines the page or names its subject.
      switch Self.quality(of: text) {
      // The entries below a hub describe it better than its first sentence. A home page is an exception, because its
      // first sentence usually defines the site.
      case .good
      where phrase != sentence
        || (contents == nil || page.url == home) && position == 0 && Self.sharesWord(text, with: title):
        return text
      case .good, .fair: if position == 0 { fallback = text }
      case .poor: break
      }
    }
    return topics ?? fallback
  }

  /// Whether a text and a title have a word in common, compared by the first five letters.
  private static func sharesWord(_ text: String, with title: String) -> Bool {
    func stems(_ text: String) -> Set<Substring> {
      Set(text.plainWords.filter { $0.count >= 3 }.map { $0.prefix(5) })
    }
    return !stems(text).subtracting(["the", "and", "for", "with", "using"]).isDisjoint(with: stems(title))
  }
}
