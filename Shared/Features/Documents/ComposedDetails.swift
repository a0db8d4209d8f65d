import SiteAnalysis
import Web

/// The paragraph below the blockquote: what the site's own file says there, and how to use the list, as far as it is
/// so.
struct ComposedDetails {
  let report: SiteReport
  let groups: [LLMSTextComposer.Group]
  /// Pages that are worth a line and have none, by section.
  let left: [(name: String, count: Int)]
  /// Pages of the report that nobody misses, and that are not listed.
  let lesser: Int

  func text() -> String {
    var parts: [String] = []
    let byHand = Self.withoutOwn(report.existing?.details)
    if let last = byHand.last {
      parts.append(byHand + (".!?:。！？".contains(last) ? "" : "."))
    } else if let first = start {
      parts.append("\(Self.start)\(first.title).")
    }
    let pages = groups.flatMap(\.pages)
    if pages.count(where: { $0.markdownURL != nil }) * 2 > pages.count { parts.append(Self.markdown) }
    if groups.last?.name == LLMSText.optional { parts.append(Self.optional) }
    if let rest { parts.append(rest) }
    if let sitemap { parts.append("\(Self.sitemap)\(sitemap).") }
    if let language = report.site.language, !language.lowercased().hasPrefix("en") {
      parts.append("\(Self.language)\(language).")
    }
    return parts.joined(separator: " ")
  }

  /// The first page that is made for who begins and heads a section, or else what the site shows first and puts first.
  private var start: SiteReport.Entry? {
    let pages = groups.filter { $0.name != LLMSText.optional }.flatMap(\.pages)
    return pages.first { $0.isStart ?? false && $0.level == 1 }
      ?? pages.first.flatMap { $0.isShown ?? false ? $0 : nil }
  }

  private var rest: String? {
    let most = left.sorted { $0.count > $1.count }.prefix(Self.mostNamed)
    let others = left.reduce(0) { $0 + $1.count } - most.reduce(0) { $0 + $1.count } + lesser
    var parts = most.enumerated().map { $0 == 0 ? "\($1.count) more of \($1.name)" : "\($1.count) of \($1.name)" }
    if others > 0 {
      parts.append(
        "\(others) \(parts.isEmpty ? "page" : "other")\(others == 1 ? "" : "s")\(parts.isEmpty ? " of less use" : "")")
    }
    return parts.isEmpty ? nil : "\(Self.unlisted)\(parts.joined(separator: ", "))."
  }

  private static let mostNamed = 8

  /// The first sitemap that lists pages of the site.
  private var sitemap: NormalizedURL? {
    report.discovery.sitemaps.first { sitemap in report.discovery.sources.contains { $0.url == sitemap && $0.kept > 0 }
    }
  }

  // MARK: Sentences of this program

  private static let start = "Start with "
  private static let markdown = "The links lead to the pages’ Markdown."
  private static let optional = "What stands under Optional can be left out where room is short."
  private static let unlisted = "Not listed here: "
  private static let sitemap = "The site’s sitemap is "
  private static let language = "The pages are in "
  /// Of earlier versions.
  private static let former = ["The sections follow the site’s own order", "Every other page is listed in "]

  /// What is left of a paragraph without what this program wrote: the site's file may be one of its own, and would say
  /// everything
  /// again each time that it is written anew.
  static func withoutOwn(_ text: String?) -> String {
    guard let text else { return "" }
    let own = [start, markdown, optional, unlisted, sitemap, language].map { String($0.prefix(24)) } + former
    var kept: [String] = []
    for sentence in text.replacing(". ", with: ".\n").split(separator: "\n").map(String.init)
    where !own.contains(where: sentence.hasPrefix) && !kept.contains(sentence) {
      kept.append(sentence)
    }
    return kept.joined(separator: " ")
  }
}
