package import Contract
package import Fetch
package import Web

/// Where a site's sitemaps are sought, strategy by strategy, until one finds any.
package struct SitemapPlaces: Sendable {
  package typealias Strategy = SiteReport.Discovery.Strategy

  package let steps: [(strategy: Strategy, urls: [NormalizedURL])]

  package static let common = [
    "/sitemap.xml", "/sitemap_index.xml", "/sitemaps.xml", "/sitemap-index.xml", "/sitemap.xml.gz", "/sitemap/",
    "/sitemap.txt",
  ]
  /// WordPress, its plugins, Shopify's and Ghost's parts, Next.js, Drupal and Joomla, Squarespace and Wix among them.
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
  ///   - named: what robots.txt names.
  ///   - page: the home page, where it was read.
  package init(named: [NormalizedURL], home: NormalizedURL, page: Page?) {
    func at(_ paths: [String]) -> [NormalizedURL] { paths.compactMap { try? NormalizedURL($0, relativeTo: home) } }
    steps = [
      (.robots, named), (.commonPaths, at(Self.common)), (.homeLink, page?.sitemapURL.map { [$0] } ?? []),
      (.cms, at(Self.cms)),
      (.feed, (page.map(Self.feedLinks) ?? []) + at(Self.feeds)),
    ]
  }

  /// One file, or what it lists.
  package init(only url: NormalizedURL) { steps = [(.robots, [url])] }

  /// The feed that the home page names, and its links that look like one, the first few.
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
  /// Where a site may have its sitemaps, as its robots.txt and its home page say.
  package init(of site: NormalizedURL, _ fetcher: Fetcher, by deadline: Deadline) async {
    async let outcome = PageLoader(
      fetcher: fetcher, robots: .allowingAll, agent: "", scope: Scope(home: site, include: [], exclude: []),
      deadline: deadline
    ).load(site, isHome: true)
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

extension RobotsFile {
  /// The sitemaps that it names; what is relative is so to the file itself, wherever the site was entered.
  func sitemaps(of site: NormalizedURL) -> [NormalizedURL] {
    sitemaps.compactMap { try? NormalizedURL($0, relativeTo: site.root) }
  }
}
