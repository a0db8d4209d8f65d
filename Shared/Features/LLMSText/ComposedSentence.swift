/// A sentence of the paragraph below the blockquote that this program wrote.
struct ComposedSentence: Equatable {
  enum Kind: CaseIterable {
    case start, markdown, optional, notListed, sitemap, language
    /// The paragraph of a file that has no other sentence.
    case placeholder
  }

  let kind: Kind
  var text: String

  static let start = "Start with "
  static let markdown = "Links lead to the Markdown version of each page."
  static let optional = "Links under Optional can be skipped if you need a shorter context."
  static let notListed = "Not listed: "
  static let sitemap = "The site’s sitemap is "
  static let language = "The pages are in "
  /// The paragraph of a file that links one page.
  static let onePage = "The site has one page."

  /// The beginnings of the sentences. Some of them only earlier versions of this program wrote.
  private static let beginnings: [(String, Kind)] = [
    (start, .start), ("The sections follow the site’s own order", .start),
    (markdown, .markdown), ("The links lead to the pages’ Markdown", .markdown),
    (optional, .optional), ("What stands under Optional can be left out", .optional),
    (notListed, .notListed), ("Not listed here: ", .notListed),
    (sitemap, .sitemap), ("Every other page is listed in ", .sitemap),
    (language, .language), (LLMSTextFile.defaultDetails, .placeholder), (onePage, .placeholder),
  ]

  /// The kind of a sentence, judged by its beginning; nil if this program never wrote such a sentence.
  static func kind(of sentence: String) -> Kind? {
    guard let kind = beginnings.first(where: { sentence.hasPrefix($0.0) })?.1 else { return nil }
    if kind == .notListed, let number = sentence.firstIndex(of: ":") {
      return sentence[number...].dropFirst(2).first?.isNumber ?? false ? kind : nil
    }
    return kind
  }

  /// The sentences of the file that this program wrote.
  static func sentences(of file: LLMSTextFile) -> [ComposedSentence] {
    split(file.details, names: names(in: file)).compactMap { text in kind(of: text).map { .init(kind: $0, text: text) }
    }
  }

  /// The names of the sections and links of a file.
  static func names(in file: LLMSTextFile) -> [String] { file.sections.flatMap { [$0.name] + $0.links.map(\.title) } }

  /// Splits a line into sentences, but not within names, such as `Node vs. Deno`.
  static func split(_ text: String, names: [String]) -> [String] {
    var text = text.replacing(". ", with: ".\n")
    for name in names where name.contains(". ") { text = text.replacing(name.replacing(". ", with: ".\n"), with: name) }
    return text.split(separator: "\n").map(String.init)
  }
}
