import Contract
import SiteAnalysis
import Web

extension LLMSTextRequest {
  /// A section of the document as the request defines it.
  struct Section: Sendable, Decodable {
    static let maximum = 30

    let name: String
    let pages: [Page]

    /// A page of a section: in the request a URL, or an object with a URL and texts.
    struct Page: Sendable, Decodable {
      let url: NormalizedURL
      /// Replaces the title in the report.
      let title: String?
      /// Replaces the description in the report.
      let description: String?

      private enum CodingKeys: String, CodingKey { case url, title, description }

      init(from decoder: any Decoder) throws {
        if (try? decoder.singleValueContainer().decode(String.self)) != nil {
          url = try NormalizedURL(from: decoder)
          (title, description) = (nil, nil)
          return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        url = try container.decode(NormalizedURL.self, forKey: .url)
        title = try Section.line(try container.decodeIfPresent(String.self, forKey: .title), "title", limit: 120)
        description = try Section.line(
          try container.decodeIfPresent(String.self, forKey: .description), "description", limit: 300)
      }
    }

    private enum CodingKeys: String, CodingKey { case name, pages }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try Self.line(try container.decode(String.self, forKey: .name), "name", limit: 60) ?? ""
      pages = try container.decode([Page].self, forKey: .pages)
    }

    private static func line(_ text: String?, _ name: String, limit: Int) throws -> String? {
      guard let text = text?.folded else { return nil }
      guard !text.isEmpty, text.count <= limit else {
        throw Failure.invalidField("sections", "the \(name) in a section must have 1 to \(limit) characters")
      }
      return text
    }

    /// Checks the sections of a request together.
    ///
    /// - Throws: `invalid_request` for too many sections or pages, equal names, a section without pages, or a page in
    ///   two places.
    static func check(_ sections: [Section]) throws {
      guard (1...maximum).contains(sections.count) else {
        throw Failure.invalidField("sections", "sections must contain 1 to \(maximum) sections")
      }
      guard Set(sections.map(\.name)).count == sections.count else {
        throw Failure.invalidField(
          "sections", "two sections have the same name, and llms.txt parsers drop one of them; use different names")
      }
      let pages = sections.flatMap(\.pages)
      guard sections.allSatisfy({ !$0.pages.isEmpty }), pages.count <= AnalyzeRequest.maximumPages else {
        throw Failure.invalidField(
          "sections",
          "each section must list at least one page, and all sections together at most \(AnalyzeRequest.maximumPages)")
      }
      guard Set(pages.map(\.url.pageIdentity)).count == pages.count else {
        throw Failure.invalidField("sections", "a page is listed twice; list each page once")
      }
    }
  }
}
