package import Web

/// The pages that a crawl fetched, and facts about the site.
package struct CrawlResult: Sendable {
  package internal(set) var home: Page
  /// The home page first, then the pages in the order in which they were fetched.
  package var pages: [CrawledPage] = []
  package var discovery = Discovery(method: .links, sitemaps: [], robots: .absent, found: 0)
  /// The redirects, from requested page to final page; both are page identities.
  package internal(set) var moved: [NormalizedURL: NormalizedURL] = [:]
  /// The known pages that are not among the result, except those that were never requested.
  package internal(set) var skippedPages: [SkippedPage] = []
  package let languages: SiteLanguages
  /// The day of the crawl, as ``SitemapDate/day(_:)`` counts days.
  package internal(set) var today = 0
  /// The day after ``today``: the last day that a page may have been modified, in the time zone that is farthest ahead.
  var tomorrow = 0
  package internal(set) var bytes = 0
  /// Whether the deadline ended the crawl.
  package internal(set) var isPartial = false

  init(home: Page, languages: SiteLanguages) {
    self.home = home
    self.languages = languages
  }
}

/// A page that a crawl fetched.
package struct CrawledPage: Sendable {
  package var page: Page
  /// Clicks from the home page; nil if only a sitemap names the page.
  package let clicks: Int?
  /// The day on which the page was modified, as `YYYY-MM-DD`; nil if neither a sitemap nor the server gives a valid date.
  package let lastModified: String?
  package let validators: PageLoader.Validators?
  /// Whether the page is the stored one of an earlier crawl.
  package let isUnchanged: Bool

  /// - Parameters:
  ///   - lastModified: the date in a sitemap, as written.
  ///   - lastDay: the last day that a page may have been modified, as ``SitemapDate/day(_:)`` counts days.
  package init(_ loaded: PageLoader.LoadedPage, clicks: Int?, lastModified: String?, lastDay: Int = .max) {
    page = loaded.page
    self.clicks = clicks
    self.lastModified =
      [lastModified, loaded.lastModified].lazy.compactMap { text in
        text.flatMap { SitemapDate.w3c($0, notAfter: lastDay) }
      }.first
    validators = loaded.validators
    isUnchanged = loaded.isUnchanged
  }
}

/// A known page that is not part of a result.
package struct SkippedPage: Sendable, Equatable {
  package let url: NormalizedURL
  package let reason: SkipReason

  package init(url: NormalizedURL, reason: SkipReason) {
    self.url = url
    self.reason = reason
  }
}
