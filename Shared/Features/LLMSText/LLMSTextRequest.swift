import Access
import Accounts
import Contract
import SiteAnalysis
import Web

/// The body of `POST /generate` for the kinds `llms_txt` and `llms_full_txt`.
struct LLMSTextRequest: CallerInput {
  /// The analysis that the document is generated from.
  enum Source: Sendable {
    /// The id of a stored analysis.
    case analysis(String)
    /// A site to analyze, with the options of `POST /analyze`.
    case site(AnalyzeRequest)
  }

  let source: Source
  let email: Email?
  /// The pages to link, in this order; nil to select them from the analysis.
  let pages: [NormalizedURL]?
  /// The sections of the document, in this order; cannot be combined with ``pages``.
  let sections: [Section]?
  /// Replaces the title of the site.
  let title: String?
  /// Replaces the blockquote.
  let summary: String?
  /// Replaces the paragraph below the blockquote.
  let details: String?

  private enum CodingKeys: String, CodingKey {
    case analysisId, url, baseUrl, email, existing, pages, sections, title, summary, details
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    email = try container.decodeIfPresent(Email.self, forKey: .email)
    pages = try container.decodeIfPresent([NormalizedURL].self, forKey: .pages)
    if let pages, !(1...AnalyzeRequest.maximumPages).contains(pages.count) {
      throw Failure.invalidField("pages", "pages must contain 1 to \(AnalyzeRequest.maximumPages) URLs")
    }
    sections = try container.decodeIfPresent([Section].self, forKey: .sections)
    if let sections {
      guard pages == nil else { throw Failure.invalidField("pages", "send either pages or sections, not both") }
      try Section.check(sections)
    }
    title = try Self.line(in: container, .title, limit: 120)
    summary = try Self.line(in: container, .summary, limit: 600)
    details = try Self.line(in: container, .details, limit: 2000)
    switch (try container.decodeIfPresent(String.self, forKey: .analysisId), container.contains(.url)) {
    case (let id?, false):
      for key in [CodingKeys.baseUrl, .existing] where container.contains(key) {
        throw Failure.invalidField(
          key.rawValue, "send \(key.rawValue) together with the url of a site; an analysis has its own")
      }
      source = .analysis(id)
    case (nil, true): source = .site(try AnalyzeRequest(from: decoder))
    case (nil, false):
      throw Failure.invalidField("analysisId", "send the analysisId of an analysis or the url of a site")
    case (_?, true): throw Failure.invalidField("url", "send either analysisId or url, not both")
    }
  }

  private static func line(
    in container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys, limit: Int
  ) throws -> String? {
    guard let text = try container.decodeIfPresent(String.self, forKey: key)?.folded else { return nil }
    guard !text.isEmpty, text.count <= limit else {
      throw Failure.invalidField(key.rawValue, "\(key.rawValue) must have 1 to \(limit) characters")
    }
    return text
  }
}
