import Contract
import SiteAnalysis
import Web

extension GenerateRequest {
  /// A section of the document as the caller wants it.
  struct Section: Sendable, Decodable {
    static let maximum = 30

    let name: String
    let pages: [Page]

    struct Page: Sendable, Decodable {
      let url: NormalizedURL
      /// In place of what the analysis found.
      let title: String?
      let description: String?

      private enum CodingKeys: String, CodingKey { case url, title, description }

      /// From an address alone, or from an object.
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
        throw Failure.invalidField("sections", "a section's \(name) must have 1 to \(limit) characters")
      }
      return text
    }

    /// - Throws: what is wrong with the sections together.
    static func check(_ sections: [Section]) throws {
      guard (1...maximum).contains(sections.count) else {
        throw Failure.invalidField("sections", "sections takes 1 to \(maximum) sections")
      }
      guard Set(sections.map(\.name)).count == sections.count else {
        throw Failure.invalidField("sections", "two sections have one name, and readers lose the first")
      }
      let pages = sections.flatMap(\.pages)
      guard sections.allSatisfy({ !$0.pages.isEmpty }), pages.count <= AnalyzeRequest.maximumPages else {
        throw Failure.invalidField(
          "sections", "each section takes a page at least, all together \(AnalyzeRequest.maximumPages)")
      }
      guard Set(pages.map(\.url.pageIdentity)).count == pages.count else {
        throw Failure.invalidField("sections", "a page stands in two places")
      }
    }
  }
}
