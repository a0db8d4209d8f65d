import Contract
import Crawling
import Web

/// Crawls a site for a report: the pages, the site's own llms.txt, and the Markdown versions of the pages.
struct SiteCrawl: Sendable {
  let crawler: Crawler
  /// The text to use as the site's own llms.txt instead of the published file, if it links to the site.
  var existing: String?
  /// Returns the earlier versions of the site's llms.txt.
  var earlierVersions: @Sendable () -> [FileVersion] = { [] }
  /// Called at the beginning of each stage of the crawl.
  var onStage: @Sendable (Progress) -> Void = { _ in }

  struct Result: Sendable {
    var crawl: CrawlResult
    let scope: Scope
    /// The site's own llms.txt.
    var existing: SiteReport.Existing?
    /// Whether a link of the site's own llms.txt leads to a file, for links that do not look like pages. A link is
    /// missing if the site did not answer in time.
    var files: [NormalizedURL: Bool] = [:]
  }

  func run(_ request: CrawlRequest) async throws -> Result {
    onStage(.connecting)
    var crawl = try await crawler.start(request)
    onStage(.discovering)
    // The file is fetched at the same time as the sitemaps.
    let (client, home) = (crawl.client, crawl.result.home.url)
    let given = existing.flatMap { SiteReport.Existing(LLMSFile($0), at: home.at(path: "/llms.txt"), home: home) }
    async let published = given == nil ? ExistingFileReader(client: client).read(home) : nil
    await crawl.discoverPages()
    var file = await published ?? given
    if let text = file?.text {
      file?.base = FileVersion.base(of: text, among: earlierVersions())
    }
    if let file { Self.recommend(file.ownerLinks, to: &crawl) }
    try await crawl.fetchPages()
    var result = Result(crawl: crawl.result, scope: crawl.scope, existing: file)
    onStage(.versions)
    await MarkdownVersions(client: client, scope: crawl.scope).find(&result)
    return result
  }

  /// Recommends pages that the site's llms.txt links to. A link to Markdown counts as a link to its page.
  private static func recommend(_ links: [NormalizedURL], to crawl: inout Crawl) {
    let scope = crawl.scope
    let links = links.filter(scope.contains)
    let hasMarkdown = links.contains(where: MarkdownVersions.isMarkdown)
    let pages = hasMarkdown ? crawl.candidates { $0.versionIdentity } : [:]
    for link in links {
      if Scope.looksLikePage(link) {
        crawl.addRecommended(link.withoutTrackingParameters)
      } else if MarkdownVersions.isMarkdown(link) {
        crawl.addRecommended(pages[link.versionIdentity] ?? MarkdownVersions.page(of: link))
      }
    }
  }
}
