import Crawling
import SiteAnalysis
import Web

/// The paragraph below the blockquote of an llms.txt.
///
/// It names the page to start with, says how to use the links and how many pages are not listed, and names the site's
/// sitemap and language.
struct ComposedDetails {
  let report: SiteReport
  let groups: [LLMSTextComposer.Group]
  /// The pages that are worth listing but exceed the limits.
  let unlisted: [LLMSTextComposer.UnlistedPages]
  /// The number of pages of the report that are not listed because they are not worth it.
  let lessRelevantPages: Int

  func text() -> String {
    var parts: [String] = []
    if let page = startPage { parts.append("\(ComposedSentence.start)\(page.title).") }
    let pages = groups.flatMap(\.pages)
    if pages.count(where: { $0.markdownURL != nil }) * 2 > pages.count { parts.append(ComposedSentence.markdown) }
    if groups.last?.name == LLMSTextFile.optional { parts.append(ComposedSentence.optional) }
    if let unlistedSentence { parts.append(unlistedSentence) }
    if let sitemap { parts.append("\(ComposedSentence.sitemap)\(sitemap).") }
    if let language = report.site.language, !language.lowercased().hasPrefix("en") {
      parts.append("\(ComposedSentence.language)\(language).")
    }
    if parts.isEmpty, pages.count == 1, report.pages.count == 1 { parts.append(ComposedSentence.onePage) }
    return parts.joined(separator: " ")
  }

  /// The first listed introduction that is the head of a section, or else the first listed page of a documentation if
  /// the navigation leads to it.
  private var startPage: SiteReport.Entry? {
    let pages = groups.filter { $0.name != LLMSTextFile.optional }.flatMap(\.pages)
    guard pages.count > 1 else { return nil }
    let first = pages.first { $0.level > 0 }
    return pages.first { $0.isStart ?? false && $0.level == 1 }
      ?? first.flatMap { report.site.type == .documentation && $0.isShown ?? false ? $0 : nil }
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
    return parts.isEmpty ? nil : "\(ComposedSentence.notListed)\(parts.joined(separator: ", "))."
  }

  private static let maximumNamedSections = 8

  /// The first sitemap that lists pages of the site, or the sitemap index that names it; nil if no page was kept.
  private var sitemap: NormalizedURL? {
    let discovery = report.discovery
    return discovery.sitemaps.first { sitemap in
      // Indexes come before their sitemaps and keep no pages of their own.
      discovery.sources.contains { $0.url == sitemap && $0.strategy != .feed }
        && discovery.sources.contains { $0.kept > 0 && $0.strategy != .links }
    }
  }
}
