package import Access
import Accounts
import Contract
import Documents
import FoundationEssentials
import Metering
package import Postgres
package import SiteAnalysis
import Web

/// The kinds `llms_txt` and `llms_full_txt` of `POST /generate`: documents generated from the analysis of a site.
package struct LLMSText: Sendable {
  private static let name = "llms_txt"

  private let analysis: SiteAnalysis

  package init(_ analysis: SiteAnalysis) { self.analysis = analysis }

  /// An llms.txt (llmstxt.org): the site's most important pages as links in sections.
  package var llmsText: Kind {
    Kind(Self.name, LLMSTextRequest.self) { request, call in
      let source = try await source(of: request, call)
      return source.work(try Self.file(of: source.stored.report, request).rendered())
    }
  }

  /// An llms-full.txt: the Markdown of the same pages in one file.
  package var llmsFullText: Kind {
    Kind("llms_full_txt", LLMSTextRequest.self) { request, call in
      let source = try await source(of: request, call)
      let site = source.stored.report.url
      let file = try Self.file(of: source.stored.report, request)
      // The text of pages on other sites is not republished.
      let pages = LLMSFullText.pageURLs(of: file).filter { $0.isSameSite(as: site) }
      return source.work(LLMSFullText(index: file, markdown: await analysis.markdown(of: pages, call)).rendered())
    }
  }

  /// The llms.txt files that were generated earlier for an account and a URL, for ``SiteReader/WrittenFiles``.
  package static func writtenFiles(_ database: Database) -> SiteReader.WrittenFiles {
    { account, url, deadline in
      let reports = try SiteAnalysis.reportIDs(of: url, for: account, database, by: deadline)
      return try Documents.contents(
        kind: name, from: reports, of: account, limit: maximumFiles, database, by: deadline)
    }
  }

  /// The number of newest files that are compared with the site's published file.
  private static let maximumFiles = 20

  /// The analysis that a document is generated from.
  private struct Source {
    let stored: StoredReport
    /// The headers of the quota, if the analysis was made for this request.
    let headers: [String: String]

    func work(_ text: String) -> Work {
      Work(mediaType: "text/plain; charset=utf-8", text: text, source: stored.id, headers: headers)
    }
  }

  /// Loads the analysis that a request names, or analyzes its site.
  private func source(of request: LLMSTextRequest, _ call: Call) async throws -> Source {
    switch request.source {
    case .analysis(let id): return Source(stored: try analysis.report(id, call), headers: [:])
    case .site(let site):
      // The idempotency key belongs to the document, not to the analysis.
      let (stored, quota) = try await analysis.analyze(site, call.with(nil)) { _ = try Self.file(of: $0, request) }
      return Source(stored: stored, headers: quota?.headers ?? [:])
    }
  }

  /// Composes the llms.txt.
  ///
  /// - Throws: `invalid_request` if the analysis has none of the requested pages; `upstream_failed` if the site has no
  ///   page to link.
  private static func file(of report: SiteReport, _ request: LLMSTextRequest) throws(Failure) -> LLMSTextFile {
    let file = LLMSTextComposer(report, request).compose()
    if file.sections.contains(where: { !$0.links.isEmpty }) { return file }
    if request.sections != nil {
      throw .invalidField("sections", "the analysis fetched none of these pages, and none of them has a title")
    }
    if request.pages != nil { throw .invalidField("pages", "the analysis fetched none of these pages") }
    throw Failure(
      .upstreamFailed, "the site has no page worth linking: \(report.metrics.fetched) pages fetched, none with text",
      details: ["reason": "no_pages"])
  }
}
