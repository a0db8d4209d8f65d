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
      let composition = try Self.composition(of: source.stored.report, request)
      return source.work(composition.file.rendered(), base: composition.base.rendered())
    }
  }

  /// An llms-full.txt: the Markdown of the same pages in one file, followed by the other good pages of the analysis.
  ///
  /// If the request chooses the pages, the file contains only these.
  package var llmsFullText: Kind {
    Kind("llms_full_txt", LLMSTextRequest.self) { request, call in
      let source = try await source(of: request, call)
      let (site, address) = (source.stored.report.url, source.stored.report.publicAddress)
      let file = try Self.composition(of: source.stored.report, request).file
      let others = request.choosesPages ? [] : LLMSFullText.otherPages(of: source.stored.report, than: file)
      // The text of pages on other sites is not republished.
      let pages = (LLMSFullText.pageURLs(of: file) + others.compactMap { try? NormalizedURL($0.url) }).filter {
        $0.isSameSite(as: site)
      }
      let markdown = await analysis.markdown(of: pages, from: address, call)
      return source.work(LLMSFullText(index: file, others: others, markdown: markdown).rendered())
    }
  }

  /// The llms.txt files that were generated earlier for an account and a URL, for ``SiteReader/WrittenFiles``.
  package static func writtenFiles(_ database: Database) -> SiteReader.WrittenFiles {
    { account, url, deadline in
      let reports = try SiteAnalysis.reportIDs(of: url, for: account, database, by: deadline)
      return try Documents.versions(
        kind: name, from: reports, of: account, limit: FileVersion.maximum, database, by: deadline
      ).map { FileVersion(text: $0.text, base: $0.base) }
    }
  }

  /// The analysis that a document is generated from.
  private struct Source {
    let stored: StoredReport
    /// The headers of the quota, if the analysis was made for this request.
    let headers: [String: String]

    func work(_ text: String, base: String? = nil) -> Work {
      Work(
        mediaType: "text/plain; charset=utf-8", text: text, source: stored.id, base: base == text ? nil : base,
        headers: headers)
    }
  }

  /// Loads the analysis that a request names, or analyzes its site.
  private func source(of request: LLMSTextRequest, _ call: Call) async throws -> Source {
    switch request.source {
    case .analysis(let id): return Source(stored: try analysis.report(id, call), headers: [:])
    case .site(let site):
      // The idempotency key belongs to the document, not to the analysis.
      let (stored, quota) = try await analysis.analyze(site, call.with(nil)) {
        _ = try Self.composition(of: $0, request)
      }
      return Source(stored: stored, headers: quota?.headers ?? [:])
    }
  }

  /// Composes the llms.txt.
  ///
  /// - Throws: `invalid_request` if the analysis has none of the requested pages; `upstream_failed` if the site has no
  ///   page to link.
  private static func composition(of report: SiteReport, _ request: LLMSTextRequest) throws(Failure) -> Composition {
    let composition = Composition(report, request)
    if composition.file.sections.contains(where: { !$0.links.isEmpty }) { return composition }
    if request.sections != nil {
      throw .invalidField("sections", "the analysis fetched none of these pages, and none of them has a title")
    }
    if request.pages != nil { throw .invalidField("pages", "the analysis fetched none of these pages") }
    throw Failure(
      .upstreamFailed, "the site has no page worth linking: \(report.metrics.fetched) pages fetched, none with text",
      details: ["reason": "no_pages"])
  }
}
