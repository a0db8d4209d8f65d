package import Web

extension SiteReport.Discovery {
  /// How pages are sought, in this order.
  package enum Strategy: String, Sendable, Codable {
    /// Sitemaps that robots.txt names.
    case robots
    /// Places where any site may have its sitemap.
    case commonPaths = "common_paths"
    /// The home page's `link rel=sitemap`.
    case homeLink = "home_link"
    /// Places where content management systems put it.
    case cms
    /// RSS and Atom.
    case feed
    /// Links of the pages themselves.
    case links
  }

  /// A file that listed pages or further files, or the links of all pages together.
  package struct Source: Sendable, Codable, Equatable {
    package var strategy: Strategy
    /// nil for links.
    package var url: NormalizedURL?
    /// What it lists, repetitions and all.
    package var entries: Int
    /// How many pages of the site were kept of it to choose from.
    package var kept: Int
  }

  package struct Skipped: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    /// `http_` and a status, `not_a_sitemap`, `robots`, `redirect`, `too_many`, `deadline`, or why a fetch failed.
    package var reason: String
  }

  /// Which pages the site has as Markdown, too.
  package struct Markdown: Sendable, Codable, Equatable {
    /// Pages that say where their Markdown is.
    package var named: Int
    /// Pages that should have some by the site's convention.
    package var byConvention: Int
    /// Those of both whose Markdown is there.
    package var there: Int
  }

  init(method: Method, sitemaps: [NormalizedURL], robots: Robots, found: Int) {
    self.init(method: method, sitemaps: sitemaps, robots: robots, found: found, sources: [], skipped: [], markdown: nil)
  }

  enum CodingKeys: String, CodingKey { case method, sitemaps, robots, found, sources, skipped, markdown }

  /// Reports that were stored before these were told lack `sources` and `skipped`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      method: try container.decode(Method.self, forKey: .method),
      sitemaps: try container.decode([NormalizedURL].self, forKey: .sitemaps),
      robots: try container.decode(Robots.self, forKey: .robots), found: try container.decode(Int.self, forKey: .found),
      sources: try container.decodeIfPresent([Source].self, forKey: .sources) ?? [],
      skipped: try container.decodeIfPresent([Skipped].self, forKey: .skipped) ?? [],
      markdown: try container.decodeIfPresent(Markdown.self, forKey: .markdown))
  }
}
