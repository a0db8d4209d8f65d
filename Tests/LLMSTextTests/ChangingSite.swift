import Crawling
import Web

@testable import LLMSText
@testable import SiteAnalysis

/// A documentation site that changes from round to round, as the reports of its analyses.
///
/// The pages 0 to 3 of each folder stay. In later rounds pages are added to each folder, removed, missing once, renamed
/// and described in new words.
struct ChangingSite {
  static let home = try! NormalizedURL("https://site.example/")
  static let folders = [("guides", "Guides"), ("api", "API Reference"), ("blog", "Blog")]

  let round: Int

  static func url(_ path: String) -> NormalizedURL { try! NormalizedURL("https://site.example" + path) }

  static func entry(
    _ path: String, _ title: String, _ description: String, _ category: String, optional: Bool = false
  ) -> SiteReport.Entry {
    .init(
      url: url(path), title: title, description: description, category: category, score: 7, scoredBy: .heuristics,
      optional: optional, language: "en", words: 100, lastModified: nil, level: 1)
  }

  static func report(_ pages: [SiteReport.Entry], existing: String? = nil, language: String = "en") -> SiteReport {
    var report = SiteReport(
      url: home,
      site: .init(
        title: "Acme", description: "Acme hosts databases for small teams.", language: language, type: .website),
      discovery: .init(method: .links, sitemaps: [], robots: .absent, found: pages.count),
      pages: [entry("/", "Acme", "Home", SiteReport.generalCategory)] + pages,
      metrics: .init(fetched: 1, fromCache: 0, skipped: [:], bytes: 0, milliseconds: 0, modelCalls: 0, costMicros: 0),
      partial: false)
    report.pages[0].level = 0
    report.existing = existing.flatMap {
      SiteReport.Existing(LLMSFile($0), at: home.at(path: "/llms.txt"), home: home)
    }
    return report
  }

  /// The pages of a folder in this round, by number.
  private func numbers(_ folder: Int) -> [Int] {
    // Page 4 disappears in the second round, page 5 is missing in each third round.
    let old = (0..<7).filter { $0 != 4 || round < 2 }.filter { $0 != 5 || round % 3 != 2 }
    let added = (0..<round).map { 10 + $0 }.filter { ($0 + folder) % 2 == 0 }
    // New pages are at the start, in the middle and at the end.
    return added.filter { $0 % 3 == 0 } + old.prefix(2) + added.filter { $0 % 3 == 1 } + old.dropFirst(2)
      + added.filter { $0 % 3 == 2 }
  }

  var pages: [SiteReport.Entry] {
    let sections = Self.folders.enumerated().flatMap { index, folder in
      numbers(index).map { number in
        Self.entry(
          "/\(folder.0)/\(number)", number == 6 ? "\(folder.1) 6, edition \(round)" : "\(folder.1) \(number)",
          number == 3 ? "Says \(number) of \(folder.0) in round \(round)" : "Tells \(number) of \(folder.0)", folder.1)
      }
    }
    let optional = (0..<(3 + round / 4)).map {
      Self.entry("/legal/\($0)", "Legal \($0)", "Law \($0)", SiteReport.generalCategory, optional: true)
    }
    // A page that no file has room for, so that its section is counted.
    let thin = Self.entry("/thin", "Thin", "Thin", SiteReport.generalCategory)
    return sections + optional
      + (0...round).map { _ in thin }.enumerated().map { index, page in
        var page = page
        page.url = Self.url("/thin/\(index)")
        page.score = 1
        return page
      }
  }

  /// The report of this round for a published file.
  ///
  /// - Parameter versions: the earlier versions of the file.
  func report(existing text: String?, _ versions: [FileVersion]) -> SiteReport {
    var report = Self.report(pages, existing: text)
    guard var existing = report.existing else { return report }
    existing.base = FileVersion.base(of: existing.text, among: versions)
    let paths = Set(pages.map(\.url))
    existing.replacements = (existing.links + existing.baseLinks).filter {
      $0.isSameSite(as: Self.home) && !paths.contains($0) && $0.path != "/"
    }.map { .init(url: $0, target: nil) }
    report.existing = existing
    return report
  }
}

/// The history of a file that is refreshed and published again and again.
struct RefreshedFile {
  private(set) var text: String
  private var versions: [FileVersion] = []

  /// The file that is generated for a site without an llms.txt.
  init() {
    let composition = Composition(ChangingSite(round: 0).report(existing: nil, []))
    text = composition.file.rendered()
    versions = [FileVersion(text: text, base: composition.base.rendered())]
  }

  /// A file that was not generated.
  init(byHand text: String) { self.text = text }

  mutating func edit(_ edit: (String) -> String) { text = edit(text) }

  /// Generates a file for a round, and publishes it.
  mutating func refresh(_ round: Int, publish: Bool = true) {
    let report = ChangingSite(round: round).report(existing: text, versions)
    let composition = Composition(report)
    if let existing = report.existing { versions.insert(.init(text: existing.text, base: existing.base), at: 0) }
    let made = composition.file.rendered()
    versions.append(FileVersion(text: made, base: composition.base.rendered()))
    if publish { text = made }
  }
}

extension SiteReport.Existing {
  var baseLinks: [NormalizedURL] { base.map { SiteReport.Existing(url: url, text: $0).links } ?? [] }
}
