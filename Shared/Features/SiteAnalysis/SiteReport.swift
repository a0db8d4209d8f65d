package import FoundationEssentials
package import Web

/// What an analysis found: stored whole, and answered without what only documents need.
package struct SiteReport: Sendable, Codable, Equatable {
  package var url: NormalizedURL
  package var site: Site
  package var discovery: Discovery
  /// In the order in which a reader would meet them: section by section.
  package var pages: [Entry]
  package var metrics: Metrics
  /// Whether the deadline cut the reading short.
  package var partial: Bool
  /// The file of the same kind that the site has already.
  package var existing: Existing?
  /// The sections that a model made, in its order; nil where none did.
  package var curated: [String]?

  /// The category of pages that belong to no branch of the site.
  package static let generalCategory = "Overview"

  package struct Site: Sendable, Codable, Equatable {
    package var title: String
    package var description: String?
    package var language: String?
    /// `documentation`, `service`, `agency`, `shop`, `blog` or `website`.
    package var type: String
  }

  package struct Discovery: Sendable, Codable, Equatable {
    package enum Method: String, Sendable, Codable { case sitemap, links }
    package enum Robots: String, Sendable, Codable { case read, absent }
    package var method: Method
    /// Those that list pages of the site, and the indexes that name them.
    package var sitemaps: [NormalizedURL]
    package var robots: Robots
    /// Pages that became known, read or not.
    package var found: Int
    /// Where pages were sought and found, in the order of seeking.
    package var sources: [Source]
    /// Files that were to list pages and did not, with why; at most fifty.
    package var skipped: [Skipped]
    /// nil where no page says that it has any, and no convention that it should.
    package var markdown: Markdown?
  }

  package struct Entry: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    package var title: String
    package var description: String?
    /// The section of the site that the page belongs to, as the site calls it.
    package var category: String
    /// 0 to 10, in tenths.
    package var score: Double
    /// What the score is the sum of, by ``PageScore``'s names, and what a model added as `model`; nil for pages that
    /// were not read.
    package var parts: [String: Double]?
    /// `heuristics` or `model`.
    package var scoredBy: String
    /// Why the model scored it so, in one line.
    package var reason: String?
    /// What makes the page one that no model gets to see: `prompt_injection`.
    package var flagged: String?
    /// Whether a reader who is short of room can do without it.
    package var optional: Bool
    package var language: String?
    package var words: Int
    package var lastModified: String?
    /// Its level below the home page in the site's outline; 1 for the head of a section.
    package var level: Int
    /// Whether the home page's navigation shows it; nil where not, as in reports of before this was told.
    package var isShown: Bool?
    /// Whether it is made for who begins; nil where not, as in reports of before this was told.
    package var isStart: Bool?
    /// The same page as Markdown, where the site offers it.
    package var markdownURL: NormalizedURL?
  }

  package struct Metrics: Sendable, Codable, Equatable {
    package var fetched: Int
    package var fromCache: Int
    package var skipped: [String: Int]
    package var bytes: Int
    package var milliseconds: Int
    package var modelCalls: Int
    package var costMicros: Int
    /// What a model had to do with it; nil where none was to.
    package var model: ModelUse?
  }

  package struct ModelUse: Sendable, Codable, Equatable {
    /// `complete`, or `degraded`: what could not be asked has the heuristics' scores and order.
    package var status: String
    /// Why it is degraded: `no_model`, `misconfigured`, `budget_spent`, `rate_limited`, `breaker_open`, `unreachable`,
    /// `timed_out`, `mismatched`, ….
    package var reason: String?
  }
}

extension SiteReport.Entry {
  /// A page that was not read, of which somebody says what it is called.
  ///
  /// - Parameter source: who says so.
  package init(unread url: NormalizedURL, title: String, description: String?, category: String, source: String) {
    self.init(
      url: url, title: title, description: description, category: category, score: 10, scoredBy: source,
      optional: false, language: nil, words: 0,
      lastModified: nil, level: 1)
  }
}

/// A report as `POST /analyze` and `GET /analyze/{id}` answer it.
package struct AnalysisAnswer: Sendable, Encodable {
  let id: String
  let kind = "site"
  let url: NormalizedURL
  let status = "completed"
  let partial: Bool
  let site: SiteReport.Site
  let discovery: SiteReport.Discovery
  let pages: [Page]
  let metrics: SiteReport.Metrics
  let createdAt: Date

  package init(_ stored: StoredReport) {
    let report = stored.report
    id = stored.id.uuidString.lowercased()
    url = report.url
    partial = report.partial
    site = report.site
    discovery = report.discovery
    pages = report.pages.map(Page.init)
    metrics = report.metrics
    createdAt = stored.createdAt
  }

  struct Page: Sendable, Encodable {
    let url: NormalizedURL
    let title: String
    let description: String?
    let category: String
    let score: Double
    let parts: [String: Double]?
    let scoredBy: String
    let reason: String?
    let flagged: String?
    let optional: Bool
    let language: String?
    let words: Int
    let lastModified: String?

    init(_ entry: SiteReport.Entry) {
      url = entry.url
      title = entry.title
      description = entry.description
      category = entry.category
      score = entry.score
      parts = entry.parts
      scoredBy = entry.scoredBy
      reason = entry.reason
      flagged = entry.flagged
      optional = entry.optional
      language = entry.language
      words = entry.words
      lastModified = entry.lastModified
    }
  }
}

/// A report in its place.
package struct StoredReport: Sendable {
  package let id: UUID
  package let createdAt: Date
  package let report: SiteReport
}
