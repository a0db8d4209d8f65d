package import Crawling
package import FoundationEssentials
package import Web

/// The result of analyzing a site.
///
/// The whole report is stored. ``AnalysisAnswer`` is the response, without the fields that only documents need.
package struct SiteReport: Sendable, Codable, Equatable {
  package var url: NormalizedURL
  package var site: Site
  package var discovery: Discovery
  /// The pages in reading order, section by section.
  package var pages: [Entry]
  package var metrics: Metrics
  /// Whether the deadline ended the crawl early.
  package var partial: Bool
  /// The site's existing llms.txt.
  package var existing: Existing?
  /// The names of the sections that a language model made, in its order; `nil` without a model's arrangement.
  package var curated: [String]?
  /// The address of the copy that was fetched; `nil` if the site was fetched from its own URL.
  package var publicAddress: PublicAddress?

  /// The category of pages without a section.
  package static let generalCategory = "Overview"

  package struct Site: Sendable, Codable, Equatable {
    package var title: String
    package var description: String?
    package var language: String?
    package var type: SiteType
    /// The URL at which the site is published, if the canonical links of its pages agree on another site.
    package var publicUrl: NormalizedURL?
  }

  package typealias Discovery = Crawling.Discovery

  /// A page of the site.
  package struct Entry: Sendable, Codable, Equatable {
    /// The origin of a score.
    package enum ScoreSource: String, Sendable, Codable {
      /// ``PageScore``.
      case heuristics
      /// ``PageScore``, adjusted by a language model.
      case model
      /// A page that was not crawled, listed by the site's own llms.txt.
      case site
      /// A page that was not crawled, listed by the caller of `POST /generate`.
      case caller
    }

    /// The reason for withholding a page from language models.
    package enum Flag: String, Sendable, Codable {
      case promptInjection = "prompt_injection"
    }

    package var url: NormalizedURL
    package var title: String
    package var description: String?
    /// The name of the page's section.
    package var category: String
    /// 0 to 10, in steps of 0.1.
    package var score: Double
    /// The parts of the score by the names of ``PageScore``, and a model's adjustment as `model`; `nil` for pages that
    /// were not crawled.
    package var parts: [String: Double]?
    package var scoredBy: ScoreSource
    /// The model's reason for the score in one line.
    package var reason: String?
    package var flagged: Flag?
    /// Whether the page belongs to the `Optional` section.
    package var optional: Bool
    package var language: String?
    package var words: Int
    /// The day on which the page was modified, as `YYYY-MM-DD`; `nil` if the site gives no valid date.
    package var lastModified: String?
    /// The level in the site's outline: 0 for the home page, 1 for the head of a section.
    package var level: Int
    /// Whether the home page's navigation links to the page. `nil` means false, or a report from before this field
    /// existed.
    package var isShown: Bool?
    /// Whether the page is an introduction. `nil` means false, or a report from before this field existed.
    package var isStart: Bool?
    /// The URL of the page's Markdown version.
    package var markdownURL: NormalizedURL?
    /// The names of the groups between the section and the page, from the outermost to the innermost. A page that
    /// introduces a group is in this group. `nil` means that there are none.
    package var groups: [String]?
    package var role: Role?
    /// The number of pages with a link to the page in their content. It is counted only for pages in alphabetical lists.
    package var citations: Int?

    /// The role of a page in its group or section.
    package enum Role: String, Sendable, Codable {
      /// It introduces the other pages, and has a text of its own.
      case hub
      /// It only leads to the other pages.
      case index
      /// It is one of many pages that are made from one template. The group's hub stands for them.
      case alike
    }
  }

  package struct Metrics: Sendable, Codable, Equatable {
    package var fetched: Int
    package var fromCache: Int
    package var skipped: [String: Int]
    package var bytes: Int
    package var milliseconds: Int
    package var modelCalls: Int
    package var costMicros: Int
    /// The use of a language model; `nil` if none was requested.
    package var model: ModelUse?
  }

  package struct ModelUse: Sendable, Codable, Equatable {
    package enum Status: String, Sendable, Codable {
      case complete
      /// Not all questions were answered. The other pages have their heuristic scores and order.
      case degraded
    }

    package var status: Status
    /// The reason of a degraded use: `no_model`, `misconfigured`, or the `name` of a `ModelError`, such as
    /// `budget_spent`, `timed_out` or `refused_503`.
    package var reason: String?
  }
}

extension SiteReport.Entry {
  /// Creates the entry of a page that was not crawled, with a title from another source.
  package init(
    unread url: NormalizedURL, title: String, description: String?, category: String, source: ScoreSource
  ) {
    self.init(
      url: url, title: title, description: description, category: category, score: 10, scoredBy: source,
      optional: false, language: nil, words: 0,
      lastModified: nil, level: 1)
  }
}

/// A report in the response of `POST /analyze` and `GET /analyze/{id}`.
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
    let scoredBy: SiteReport.Entry.ScoreSource
    let reason: String?
    let flagged: SiteReport.Entry.Flag?
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

/// A report with the id and time of its database row.
package struct StoredReport: Sendable {
  package let id: UUID
  package let createdAt: Date
  package let report: SiteReport
}
