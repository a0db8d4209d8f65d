import Crawling
import Web

/// The state of the links to a site after its crawl.
struct SitePages {
  enum LinkState: Equatable {
    case unchanged
    case dead
    case replaced(NormalizedURL)
  }

  private let result: SiteCrawl.Result
  private let home: NormalizedURL
  private var pages: Set<NormalizedURL> = []
  /// The URLs to link by version identity: the Markdown version of a page if it exists, or else the page.
  private var pagesByVersion: [NormalizedURL: NormalizedURL] = [:]
  private var reasons: [NormalizedURL: SkipReason] = [:]

  /// - Parameter pages: The pages of the report, beginning with the home page.
  init(_ result: SiteCrawl.Result, pages: [SiteReport.Entry], skipped: [SkippedPage]) {
    self.result = result
    home = pages[0].url.pageIdentity
    for page in pages {
      self.pages.insert(page.url.pageIdentity)
      if let markdown = page.markdownURL { self.pages.insert(markdown) }
      if page.url.query == nil, pagesByVersion[page.url.versionIdentity] == nil {
        pagesByVersion[page.url.versionIdentity] = page.markdownURL ?? page.url
      }
    }
    for page in skipped { reasons[page.url.pageIdentity] = page.reason }
  }

  /// - Parameter link: A link to the site.
  func state(of link: NormalizedURL) -> LinkState {
    if result.scope.excludes(link) { return .dead }
    if pages.contains(link.pageIdentity) || result.files[link] == true { return .unchanged }
    if let target = result.crawl.moved[link.pageIdentity], target != home {
      return pages.contains(target) ? .replaced(target) : .dead
    }
    let isMarkdown = MarkdownVersions.isMarkdown(link)
    if isMarkdown || result.files[link] == false, link.query == nil, let page = pagesByVersion[link.versionIdentity] {
      return result.files[link] == false ? .replaced(page) : .unchanged
    }
    if result.files[link] == false { return .dead }
    return reasons[link.pageIdentity].map(Self.meansDead) ?? false ? .dead : .unchanged
  }

  /// Whether a reason for not fetching a page means that the page cannot be linked.
  private static func meansDead(_ reason: SkipReason) -> Bool {
    switch reason {
    case .http(let status): (400..<500).contains(status) && ![401, 403, 408, 425, 429].contains(status)
    case .redirect, .redirectAway, .redirectLoop, .badRedirect, .login, .softNotFound, .noindex: true
    default: false
    }
  }
}
