package import Web

/// The site to crawl, and the pages that are wanted.
package struct CrawlRequest: Sendable {
  package var url: NormalizedURL
  package var maxPages: Int
  /// A page's path must match one of these patterns. All paths match if the list is empty.
  package var include: [Glob]
  /// Patterns that no page's path may match.
  package var exclude: [Glob]
  /// The primary language of the wanted pages, such as `de`; nil for the language of the home page.
  package var language: String?

  package init(
    url: NormalizedURL, maxPages: Int = 200, include: [Glob] = [], exclude: [Glob] = [], language: String? = nil
  ) {
    self.url = url
    self.maxPages = maxPages
    self.include = include
    self.exclude = exclude
    self.language = language
  }
}
