package import Contract
package import Fetch
package import Web

/// The URLs at which a site may have sitemaps, in groups that are tried one after another until one has pages.
package struct SitemapPlaces: Sendable {
  package struct Place: Sendable {
    package let strategy: Discovery.Strategy
    package let url: NormalizedURL

    /// Whether the URL is only guessed, because robots.txt and the home page do not name it.
    var isGuess: Bool
  }

  /// First the sitemaps that robots.txt names, then the usual place and the sitemap that the home page names, then the
  /// other guesses and the feeds.
  package let steps: [[Place]]

  /// The usual place, and the names that common servers and generators use.
  package static let common = ["/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/sitemap.txt"]
  /// The path of WordPress. Other content management systems redirect from `/sitemap.xml`, or name their sitemaps in
  /// robots.txt.
  package static let cms = ["/wp-sitemap.xml"]
  /// The paths of feeds, for sites that name none.
  package static let feeds = ["/feed/", "/feed.xml"]

  /// - Parameters:
  ///   - named: the sitemaps that robots.txt names.
  ///   - page: the home page, if it was fetched.
  package init(named: [NormalizedURL], home: NormalizedURL, page: Page?) {
    func guesses(_ strategy: Discovery.Strategy, _ paths: some Sequence<String>) -> [Place] {
      paths.compactMap { try? NormalizedURL($0, relativeTo: home) }
        .map { Place(strategy: strategy, url: $0, isGuess: true) }
    }
    func places(_ strategy: Discovery.Strategy, _ urls: [NormalizedURL]) -> [Place] {
      urls.map { Place(strategy: strategy, url: $0, isGuess: false) }
    }
    let feeds = page.map(Self.feedLinks) ?? []
    steps = [
      places(.robots, named),
      guesses(.commonPaths, Self.common.prefix(1)) + places(.homeLink, page?.sitemapURL.map { [$0] } ?? []),
      guesses(.commonPaths, Self.common.dropFirst()) + guesses(.cms, Self.cms)
        + (feeds.isEmpty ? guesses(.feed, Self.feeds) : places(.feed, feeds)),
    ]
  }

  /// A single sitemap or sitemap index.
  package init(only url: NormalizedURL) { steps = [[Place(strategy: .robots, url: url, isGuess: false)]] }

  /// The feed that the home page names, and links that look like feeds; two at most.
  private static func feedLinks(of page: Page) -> [NormalizedURL] {
    let feeds = page.links.lazy.compactMap { page.resolve($0) }.filter { url in
      url.isSameSite(as: page.url)
        && ["/feed", "/feed/", "/rss", "/rss/", ".rss", "rss.xml", "atom.xml", "feed.xml"].contains {
          url.path.hasSuffix($0)
        }
    }
    var seen: Set<NormalizedURL> = []
    return Array(((page.feedURL.map { [$0] } ?? []) + feeds).filter { seen.insert($0).inserted }.prefix(2))
  }
}

extension SitemapPlaces {
  /// Fetches the robots.txt and the home page of a site to learn about its sitemaps.
  package init(of site: NormalizedURL, _ fetcher: Fetcher, by deadline: Deadline) async {
    let client = SiteClient(fetcher: fetcher, robots: .allowingAll, agent: "", deadline: deadline)
    async let outcome = PageLoader(client: client, scope: Scope(home: site, include: [], exclude: []))
      .load(site, isHome: true)
    var named: [NormalizedURL] = []
    if case .read(let file) = try? await RobotsReader(fetcher: fetcher, deadline: deadline).read(site) {
      named = file.sitemaps(of: site)
    }
    guard case .page(let loaded) = await outcome else {
      self.init(named: named, home: site, page: nil)
      return
    }
    self.init(named: named, home: loaded.page.url, page: loaded.page)
  }
}
