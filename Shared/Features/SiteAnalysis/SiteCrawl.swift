import Contract
import Crawling
import Web

/// Crawls a site for a report: the pages, the site's own llms.txt, and the Markdown versions of the pages.
struct SiteCrawl: Sendable {
  let crawler: Crawler
  /// Returns the llms.txt files that this program wrote for the site earlier.
  var writtenFiles: @Sendable () -> [String] = { [] }

  struct Result: Sendable {
    var crawl: CrawlResult
    /// The site's own llms.txt, without the parts that this program wrote.
    var existing: SiteReport.Existing?
  }

  func run(_ request: CrawlRequest) async throws -> Result {
    var crawl = try await crawler.start(request)
    // The file is fetched at the same time as the sitemaps.
    let (client, home) = (crawl.client, crawl.result.home.url)
    async let file = ExistingFileReader(client: client).read(home)
    await crawl.discoverPages()
    let existing = await file.flatMap { file in
      file.ownerWritten(
        without: writtenFiles().compactMap { SiteReport.Existing(LLMSFile($0), at: file.url, home: home) })
    }
    if let existing { Self.recommend(existing, to: &crawl) }
    try await crawl.fetchPages()
    var result = Result(crawl: crawl.result, existing: existing)
    await MarkdownVersions(client: client, scope: crawl.scope).find(&result)
    return result
  }

  /// Recommends the pages that the site's llms.txt links to. A link to Markdown counts as a link to its page.
  private static func recommend(_ existing: SiteReport.Existing, to crawl: inout Crawl) {
    let scope = crawl.scope
    let links = existing.sections.flatMap(\.links).filter { $0.isWrittenHere != true && scope.contains($0.url) }
    let hasMarkdown = links.contains { MarkdownVersions.isMarkdown($0.url) }
    let pages = hasMarkdown ? crawl.candidates { $0.versionIdentity } : [:]
    for link in links {
      if Scope.looksLikePage(link.url) {
        crawl.addRecommended(link.url.withoutTrackingParameters)
      } else if MarkdownVersions.isMarkdown(link.url) {
        crawl.addRecommended(pages[link.url.versionIdentity] ?? MarkdownVersions.page(of: link.url))
      }
    }
  }
}
