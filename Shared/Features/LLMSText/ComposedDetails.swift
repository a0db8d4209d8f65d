import Crawling
import SiteAnalysis
import Web

/// The paragraph below the blockquote of an llms.txt.
///
/// It begins with the paragraph of the site's existing llms.txt, or names the page to start with. Then it says how to
/// use the links, how many pages are not listed, and the site's sitemap and language.
struct ComposedDetails {
  let report: SiteReport
  let groups: [LLMSTextComposer.Group]
  /// The pages that are worth listing but exceed the limits.
  let unlisted: [LLMSTextComposer.UnlistedPages]
  /// The number of pages of the report that are not listed because they are not worth it.
  let lessRelevantPages: Int

  func text() -> String {
    var parts: [String] = []
    let handwritten = Self.withoutOwnSentences(report.existing)
    if let last = handwritten.last {
      parts.append(handwritten + (".!?:。！？".contains(last) ? "" : "."))
    } else if let page = startPage {
      parts.append("\(Self.start)\(page.title).")
    }
    let pages = groups.flatMap(\.pages)
    if pages.count(where: { $0.markdownURL != nil }) * 2 > pages.count { parts.append(Self.markdown) }
    if groups.last?.name == LLMSTextFile.optional { parts.append(Self.optional) }
    if let unlistedSentence { parts.append(unlistedSentence) }
    if let sitemap { parts.append("\(Self.sitemap)\(sitemap).") }
    if let language = report.site.language, !language.lowercased().hasPrefix("en") {
      parts.append("\(Self.language)\(language).")
    }
    return parts.joined(separator: " ")
  }

  /// The first listed introduction that is the head of a section, or else the first listed page if the home page's
  /// navigation links to it.
  private var startPage: SiteReport.Entry? {
    let pages = groups.filter { $0.name != LLMSTextFile.optional }.flatMap(\.pages)
    return pages.first { $0.isStart ?? false && $0.level == 1 }
      ?? pages.first.flatMap { $0.isShown ?? false ? $0 : nil }
  }

  /// The number of pages that are not listed, for the sections with most of them; nil if all pages are listed.
  private var unlistedSentence: String? {
    let largest = unlisted.sorted { $0.count > $1.count }.prefix(Self.maximumNamedSections)
    let others =
      unlisted.reduce(0) { $0 + $1.count } - largest.reduce(0) { $0 + $1.count } + lessRelevantPages
    var parts = largest.enumerated().map { index, pages in
      "\(pages.count)\(index == 0 ? " more page\(pages.count == 1 ? "" : "s")" : "") in \(pages.section)"
    }
    if others > 0 {
      parts.append("\(others) \(parts.isEmpty ? "less relevant page" : "other")\(others == 1 ? "" : "s")")
    }
    return parts.isEmpty ? nil : "\(Self.notListed)\(parts.joined(separator: ", "))."
  }

  private static let maximumNamedSections = 8

  /// The first sitemap that lists pages of the site.
  private var sitemap: NormalizedURL? {
    report.discovery.sitemaps.first { sitemap in report.discovery.sources.contains { $0.url == sitemap && $0.kept > 0 }
    }
  }

  // MARK: Sentences of this program

  private static let start = "Start with "
  private static let markdown = "Links lead to the Markdown version of each page."
  private static let optional = "Links under Optional can be skipped if you need a shorter context."
  private static let notListed = "Not listed: "
  private static let sitemap = "The site’s sitemap is "
  private static let language = "The pages are in "
  /// Beginnings of sentences that only earlier versions of this program wrote. Published files still contain them.
  private static let former = [
    "The sections follow the site’s own order", "Every other page is listed in ",
    "The links lead to the pages’ Markdown", "What stands under Optional can be left out", "Not listed here: ",
  ]
  private static let ownSentences =
    [
      start, markdown, optional, notListed, sitemap, language, LLMSTextFile.defaultDetails,
    ].map { String($0.prefix(24)) } + former

  /// The paragraph of the site's existing llms.txt without sentences that this program wrote.
  ///
  /// The site may have published a generated file; each new file would repeat its sentences.
  static func withoutOwnSentences(_ existing: SiteReport.Existing?) -> String {
    guard let existing, let details = existing.details else { return "" }
    var handwritten: [String] = []
    for sentence in sentences(of: details, existing)
    where !ownSentences.contains(where: sentence.hasPrefix) && !handwritten.contains(sentence) {
      handwritten.append(sentence)
    }
    return handwritten.joined(separator: " ")
  }

  /// Splits a paragraph into sentences, but not within the names of the file's sections and pages, such as
  /// `Node vs. Deno`.
  private static func sentences(of details: String, _ existing: SiteReport.Existing) -> [String] {
    var text = details.replacing(". ", with: ".\n")
    for name in existing.sections.flatMap({ [$0.name] + $0.links.map(\.title) }) where name.contains(". ") {
      text = text.replacing(name.replacing(". ", with: ".\n"), with: name)
    }
    return text.split(separator: "\n").map(String.init)
  }
}
