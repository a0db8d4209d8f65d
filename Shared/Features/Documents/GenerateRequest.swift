import Accounts
import Contract
import SiteAnalysis
import Web

/// What a caller asks of `POST /generate`.
struct GenerateRequest: Sendable, Decodable {
  /// What the document is made from.
  enum Source: Sendable {
    case analysis(String)
    /// With the options of `POST /analyze`.
    case site(AnalyzeRequest)
  }

  enum Kind: String, Sendable, CaseIterable {
    case llmsText = "llms_txt"
    case llmsFullText = "llms_full_txt"
  }

  let kind: Kind
  let source: Source
  let email: Email?
  /// The pages to link, and no others, in this order; all that are worth it where nil.
  let pages: [NormalizedURL]?
  /// The document's sections in their order, and no others; instead of ``pages``.
  let sections: [Section]?
  /// In place of what the site says of itself.
  let title: String?
  let summary: String?
  let details: String?

  private enum CodingKeys: String, CodingKey {
    case analysisId, url, email, kind, pages, sections, title, summary, details
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let kind = Kind(rawValue: try container.decodeIfPresent(String.self, forKey: .kind) ?? Kind.llmsText.rawValue)
    else {
      throw Failure.invalidField(
        "kind", "kind must be \(Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))")
    }
    self.kind = kind
    email = try container.decodeIfPresent(Email.self, forKey: .email)
    pages = try container.decodeIfPresent([NormalizedURL].self, forKey: .pages)
    if let pages, !(1...AnalyzeRequest.maximumPages).contains(pages.count) {
      throw Failure.invalidField("pages", "pages takes 1 to \(AnalyzeRequest.maximumPages) URLs")
    }
    sections = try container.decodeIfPresent([Section].self, forKey: .sections)
    if let sections {
      guard pages == nil else { throw Failure.invalidField("pages", "name either pages or sections, not both") }
      try Section.check(sections)
    }
    title = try Self.line(in: container, .title, limit: 120)
    summary = try Self.line(in: container, .summary, limit: 600)
    details = try Self.line(in: container, .details, limit: 2000)
    switch (try container.decodeIfPresent(String.self, forKey: .analysisId), container.contains(.url)) {
    case (let id?, false): source = .analysis(id)
    case (nil, true): source = .site(try AnalyzeRequest(from: decoder))
    case (nil, false): throw Failure.invalidField("analysisId", "name an analysis by analysisId, or a site by url")
    case (_?, true): throw Failure.invalidField("url", "name either analysisId or url, not both")
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
