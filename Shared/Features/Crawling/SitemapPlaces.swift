package import Contract
package import Fetch
package import Web

/// The URLs at which a site may have sitemaps, in groups that are tried one after another until one has pages.
package struct SitemapPlaces: Sendable {
  package typealias Strategy = Discovery.Strategy

  package let steps: [(strategy: Strategy, urls: [NormalizedURL])]

  package static let common = [
    "/sitemap.xml", "/sitemap_index.xml", "/sitemaps.xml", "/sitemap-index.xml", "/sitemap.xml.gz", "/sitemap/",
    "/sitemap.txt",
  ]
  /// The paths of WordPress and its plugins, Shopify, Ghost, Next.js, Drupal, Joomla, Squarespace, Wix and others.
  package static let cms = [
    "/wp-sitemap.xml", "/post-sitemap.xml", "/page-sitemap.xml", "/sitemap-posts.xml", "/sitemap-pages.xml",
    "/sitemap_pages_1.xml",
    "/server-sitemap.xml", "/server-sitemap-index.xml", "/sitemap-0.xml", "/sitemap1.xml", "/sitemap/sitemap.xml",
    "/sitemap.php",
    "/index.php?option=com_osmap&view=xml",
  ]
  package static let feeds = [
    "/feed/", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/blog/feed/", "/blog/rss.xml",
  ]

  /// - Parameters:
  ///   - named: the sitemaps that robots.txt names.
  ///   - page: the home page, if it was fetched.
  package init(named: [NormalizedURL], home: NormalizedURL, page: Page?) {
    func at(_ paths: [String]) -> [NormalizedURL] { paths.compactMap { try? NormalizedURL($0, relativeTo: home) } }
    steps = [
      (.robots, named), (.commonPaths, at(Self.common)), (.homeLink, page?.sitemapURL.map { [$0] } ?? []),
      (.cms, at(Self.cms)),
      (.feed, (page.map(Self.feedLinks) ?? []) + at(Self.feeds)),
    ]
  }

  /// A single sitemap or sitemap index.
  package init(only url: NormalizedURL) { steps = [(.robots, [url])] }

  /// The feed that the home page names, and the first three links that look like feeds.
  private static func feedLinks(of page: Page) -> [NormalizedURL] {
    let feeds = page.links.lazy.compactMap { page.resolve($0) }.filter { url in
      url.isSameSite(as: page.url)
        && ["/feed", "/feed/", "/rss", "/rss/", ".rss", "rss.xml", "atom.xml", "feed.xml"].contains {
          url.path.hasSuffix($0)
        }
    }
    return (page.feedURL.map { [$0] } ?? []) + feeds.prefix(3)
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
