package import Web

/// How a crawl found the pages of a site.
package struct Discovery: Sendable, Codable, Equatable {
  package enum Method: String, Sendable, Codable { case sitemap, links }
  package enum Robots: String, Sendable, Codable { case read, absent }

  package var method: Method
  /// The sitemaps that list pages of the site, and the sitemap indexes that list them.
  package var sitemaps: [NormalizedURL]
  package var robots: Robots
  /// The number of pages found, crawled or not.
  package var found: Int
  /// The sources of pages in the order in which they were tried.
  package var sources: [Source]
  /// Files that should list pages but could not be used; at most fifty.
  package var skipped: [Skipped]
  /// `nil` if no page links to a Markdown version and the site has no convention for them.
  package var markdown: Markdown?
  /// The use of each pattern of the request; `nil` if the request has none.
  package var filters: [Filter]?

  /// How many pages a pattern of the request matches.
  package struct Filter: Sendable, Codable, Equatable {
    package enum Option: String, Sendable, Codable { case include, exclude }

    package var option: Option
    package var pattern: String
    /// The number of found pages that it matches, without the home page.
    package var matched: Int
    /// The number of found pages, without the home page.
    package var of: Int
    /// If it matches none: the folder of the site that is most likely meant, or the largest one.
    package var nearest: Folder?
  }

  /// A folder of the site, such as `/blog/`.
  package struct Folder: Sendable, Codable, Equatable {
    package var path: String
    package var pages: Int
  }

  /// The ways to find pages, in the order in which they are tried. The usual place and `homeLink` are tried together, and
  /// so are the other common paths, `cms` and `feed`.
  package enum Strategy: String, Sendable, Codable {
    /// Sitemaps listed in robots.txt.
    case robots
    /// Common sitemap paths, such as `/sitemap.xml`.
    case commonPaths = "common_paths"
    /// The home page's `link rel=sitemap`.
    case homeLink = "home_link"
    /// The sitemap path of a content management system.
    case cms
    /// RSS and Atom feeds.
    case feed
    /// Links on crawled pages.
    case links
  }

  /// A file that listed pages or further files, or all links on crawled pages together.
  package struct Source: Sendable, Codable, Equatable {
    package var strategy: Strategy
    /// The URL of the file; `nil` for links.
    package var url: NormalizedURL?
    /// The number of entries, including duplicates.
    package var entries: Int
    /// The number of its pages that were candidates for crawling.
    package var kept: Int

    package init(strategy: Strategy, url: NormalizedURL?, entries: Int, kept: Int) {
      self.strategy = strategy
      self.url = url
      self.entries = entries
      self.kept = kept
    }
  }

  /// A file that should list pages, but could not be used, or not to its end.
  package struct Skipped: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    /// For example `http_404`, `not_a_sitemap`, `too_many` or the code of a fetch error.
    package var reason: SkipReason

    package init(url: NormalizedURL, reason: SkipReason) {
      self.url = url
      self.reason = reason
    }
  }

  /// The number of pages that are also available as Markdown.
  package struct Markdown: Sendable, Codable, Equatable {
    /// Pages that link to their Markdown version.
    package var named: Int
    /// Pages that should have a Markdown version by the site's naming convention.
    package var byConvention: Int
    /// Pages of both groups with an existing Markdown version.
    package var there: Int

    package init(named: Int, byConvention: Int, there: Int) {
      self.named = named
      self.byConvention = byConvention
      self.there = there
    }
  }

  package init(
    method: Method, sitemaps: [NormalizedURL], robots: Robots, found: Int, sources: [Source] = [],
    skipped: [Skipped] = [], markdown: Markdown? = nil, filters: [Filter]? = nil
  ) {
    self.method = method
    self.sitemaps = sitemaps
    self.robots = robots
    self.found = found
    self.sources = sources
    self.skipped = skipped
    self.markdown = markdown
    self.filters = filters
  }

  private enum CodingKeys: String, CodingKey {
    case method, sitemaps, robots, found, sources, skipped, markdown, filters
  }

  /// Decodes current reports, and older ones that lack `sources` and `skipped`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      method: try container.decode(Method.self, forKey: .method),
      sitemaps: try container.decode([NormalizedURL].self, forKey: .sitemaps),
      robots: try container.decode(Robots.self, forKey: .robots), found: try container.decode(Int.self, forKey: .found),
      sources: try container.decodeIfPresent([Source].self, forKey: .sources) ?? [],
      skipped: try container.decodeIfPresent([Skipped].self, forKey: .skipped) ?? [],
      markdown: try container.decodeIfPresent(Markdown.self, forKey: .markdown),
      filters: try container.decodeIfPresent([Filter].self, forKey: .filters))
  }
}
