import Crawling
import FoundationEssentials
import Web

/// The document of a run of `llms`, with the numbers and warnings for the user.
struct SiteRunResult {
  let report: Report
  let document: String
  /// `llms_txt` or `llms_full_txt`.
  let kind: String
  let seconds: String
  let input: SiteRun.Input
  let options: LLMSCommand

  /// The summary of the analysis in one line.
  func line(seconds: String) -> String {
    let found = max(report.discovery.found, report.metrics.fetched)
    return "\(report.metrics.fetched) of \(Self.count(found, "page")) fetched in \(seconds) s"
      + (report.partial ? "; the time ran out before the rest" : "")
  }

  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  // MARK: Warnings

  /// Warnings for the user about the document.
  var warnings: [String] {
    (report.discovery.filters ?? []).filter { $0.matched == 0 }.map(Self.warning)
      + [languageWarning, limitWarning]
      .compactMap(\.self) + [addressWarning, modelWarning].compactMap(\.self)
  }

  private static func warning(_ filter: Discovery.Filter) -> String {
    let pattern = "--\(filter.option.rawValue) '\(filter.pattern)' matched none of \(count(filter.of, "page"))"
    guard let folder = filter.nearest else { return pattern }
    return "\(pattern); '\(folder.path)' would match \(folder.pages)"
  }

  private var languageWarning: String? {
    guard let wanted = options.language?.lowercased(), let language = report.site.language?.lowercased(),
      language.prefix(while: { $0 != "-" }) != wanted
    else { return nil }
    return "--language \(wanted) matched no page; the home page is in \(language), and it has no version in \(wanted)"
  }

  private var limitWarning: String? {
    guard options.maxPages == 1, report.discovery.found > 1 else { return nil }
    return "--max-pages 1 fetches only the home page, of \(report.discovery.found) pages"
  }

  /// A warning if the links do not start with the site's public address.
  private var addressWarning: String? {
    guard input.base == nil, options.source != nil else { return nil }
    let origin = input.site.url.origin
    if let url = report.site.publicUrl {
      return "the links start with \(origin), but the pages name \(url) as their address; "
        + "add --base-url \(url) if the site is published there"
    }
    return input.site.isLoopback
      ? "the links start with \(origin), which only this machine can open; add --base-url URL for public links" : nil
  }

  /// Why no model was used, or not for all pages.
  private var modelWarning: String? {
    guard let reason = report.metrics.model?.reason else { return nil }
    let advice =
      reason == "no_model"
      ? "set OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY"
      : "the remaining pages have heuristic scores"
    return "no answer from a language model (\(reason)); \(advice)"
  }

  /// Further information for the user.
  var notes: [String] {
    var notes: [String] = []
    if let base = input.base, !input.isBaseGiven {
      notes.append("the links start with \(base), by the canonical links of the pages; --base-url changes that")
    }
    if let model = report.metrics.model, model.reason == nil {
      notes.append(
        "\(Self.count(report.metrics.modelCalls, "call")) to a language model, for \(report.metrics.dollars)")
    }
    return notes
  }

  // MARK: JSON

  func summary(file: String?) -> Summary {
    Summary(
      url: (input.base ?? input.site.url).description, kind: kind, document: document, file: file,
      analysisId: report.id, found: report.discovery.found, fetched: report.metrics.fetched,
      skipped: report.metrics.skipped, partial: report.partial, seconds: Double(seconds) ?? 0, warnings: warnings)
  }

  /// The output of `--json`.
  struct Summary: Encodable {
    let url: String
    let kind: String
    let document: String
    /// The file that was written; missing if the document was not written to a file.
    let file: String?
    let analysisId: String
    let found: Int
    let fetched: Int
    /// The number of skipped pages by reason.
    let skipped: [String: Int]
    let partial: Bool
    let seconds: Double
    let warnings: [String]
  }

  // MARK: The fields that this command reads from the response

  struct Report: Decodable {
    struct Site: Decodable {
      let language: String?
      let publicUrl: NormalizedURL?
    }
    struct Discovery: Decodable {
      let found: Int
      let filters: [Crawling.Discovery.Filter]?
    }
    let id: String
    let partial: Bool
    let site: Site
    let discovery: Discovery
    let metrics: Metrics
  }

  struct Metrics: Decodable {
    struct Model: Decodable { let reason: String? }
    let fetched: Int
    let skipped: [String: Int]
    let modelCalls: Int
    let costMicros: Int
    let model: Model?

    var dollars: String {
      let fraction = String(costMicros % 1_000_000)
      return "$\(costMicros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
  }
}
