import Web

/// Writes a one-line description of each page of a site.
///
/// The sources are tried in this order: the page's own meta description, the first sentence of its text that defines its
/// subject, the pages that it links to, and the topics that its headings name. A page without a good source has no
/// description.
struct Descriptions {
  /// Template texts (see ``templateText(_:of:_:)``) that three or more pages share, and the home page's description.
  private let repeatedTexts: Set<String>
  /// Headings that occur on at least five pages and 5 % of all pages, in lower case: they belong to the site's
  /// template.
  let commonHeadings: Set<String>
  let home: NormalizedURL
  private let homeDescription: String?
  /// The words of the site's name, in lower case.
  let names: Set<String>
  /// The language of pages that declare none.
  private let language: String
  /// The maximum length of a description that was cut, in columns; see ``Swift/String/displayWidth``.
  static let maximumLength = 180
  /// The maximum length of a description of one whole sentence, in columns.
  static let longestSentence = 200
  /// The beginnings of paragraphs that three or more pages share.
  let repeatedParagraphs: Set<Substring>

  /// - Parameter titles: The titles of `pages`, in the same order.
  init(_ pages: [Page], titles: [String], home: Page) {
    self.home = home.url
    homeDescription = home.description
    names = Set("\(home.siteName ?? "") \(home.title ?? "") \(home.heading ?? "")".plainWords.map(String.init))
    var counts: [String: Int] = [:]
    for (page, title) in zip(pages, titles) {
      if let text = page.description { counts[Self.templateText(text, of: page, title), default: 0] += 1 }
    }
    repeatedTexts = Set(counts.filter { $0.value >= 3 }.keys)
    let sample = pages.prefix(20).flatMap { $0.paragraphs.prefix(1) }.map { $0.prefix(200) }.joined(separator: " ")
    language = home.language ?? Self.language(of: sample) ?? "en"
    var paragraphs: [Substring: Int] = [:]
    for page in pages {
      for start in Set(page.paragraphs.prefix(6).map(Self.start)) { paragraphs[start, default: 0] += 1 }
    }
    repeatedParagraphs = Set(paragraphs.filter { $0.value >= 3 }.keys)
    var headings: [String: Int] = [:]
    for page in pages {
      for heading in Set(page.headings.map { Titles.clean($0.text).lowercased() }) {
        headings[heading, default: 0] += 1
      }
    }
    commonHeadings = Set(headings.filter { $0.value >= max(5, pages.count / 20) }.keys)
  }

  /// The beginning of a paragraph, to compare it with others.
  static func start(of paragraph: String) -> Substring { paragraph.prefix(80) }

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
    if let own = ownDescription(of: page, title: title) { return capitalized(own, title: title) }
    let language = page.language ?? language
    let contents = Self.contents(entries, title: title, language: language)
    let topics = Self.contents(topics(of: page, title: title), title: title, language: language)
    // The first paragraph of an FAQ is an answer.
    if Self.isFAQ(page, title: title) { return contents ?? topics }
    var (statement, remark): (String?, String?)
    for candidate in candidates(page, title: title) {
      guard let text = Self.line(from: candidate.text, title: title) else { continue }
      switch candidate.rank {
      case .defining, .leading, .naming: return text
      case .statement: statement = statement ?? text
      case .remark: remark = remark ?? text
      }
    }
    return contents ?? statement ?? topics ?? remark ?? onlyParagraph(of: page, title: title)
  }

  /// A page with more words says more than its first paragraph.
  private static let shortPage = 80

  /// Returns the first paragraph of a short page, such as an address or the terms of delivery.
  private func onlyParagraph(of page: Page, title: String) -> String? {
    guard page.words < Self.shortPage else { return nil }
    return page.paragraphs.lazy.filter { paragraph in
      !self.repeatedParagraphs.contains(Self.start(of: paragraph)) && (4...40).contains(paragraph.wordCount)
        && Self.quality(of: paragraph) != nil && Self.isProse(paragraph)
    }.compactMap { Self.line(from: $0, title: title) }.first
  }

  /// Returns the meta description of a page, unless many pages share it or it says no more than the title.
  private func ownDescription(of page: Page, title: String) -> String? {
    guard let own = page.description, !repeatedTexts.contains(own), page.url == home || own != homeDescription,
      !repeatedTexts.contains(Self.templateText(own, of: page, title))
    else { return nil }
    let known = Set(
      [title, page.title ?? "", page.heading ?? "", page.siteName ?? ""].joined(separator: " ").plainWords)
    guard !Set(own.plainWords).isSubset(of: known), !Self.isPlaceholder(own) else { return nil }
    return Self.line(from: Self.withoutInvitations(own, title: title), title: title)
  }

  /// Capitalizes the first letter, unless the first word is a name such as `uv`, `tty.ReadStream`, `iOS` or `size_t`.
  private func capitalized(_ text: String, title: String) -> String {
    let word = text.prefix { !$0.isWhitespace }
    let isName = word.dropFirst().contains { $0.isUppercase } || word.dropLast().contains { "._(/`".contains($0) }
    if isName || names.contains(word.lowercased()) || title.lowercased().plainWords.contains(word) { return text }
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private static func isFAQ(_ page: Page, title: String) -> Bool {
    let words = title.lowercased().plainWords
    return words.contains("faq") || words.contains("faqs") || words.contains("questions")
      || page.types.contains("FAQPage")
      || ["häufige fragen", "foire aux questions", "preguntas frecuentes", "perguntas frequentes", "よくある質問", "常见问题"]
        .contains(where: title.lowercased().contains)
  }
}
