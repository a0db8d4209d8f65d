package import Contract
import Web

/// The `User-Agent` header of the crawler, and its product token for robots.txt.
package struct UserAgent: Sendable {
  /// The value of the header.
  package let header: String

  /// The page that describes the crawler to owners of websites.
  package static let page = "https://github.com/llm-txt-mastery/llm-txt-mastery/blob/main/LocalRunner/CRAWLER.md"

  /// Uses the setting `FETCH_USER_AGENT`, or the default, which links to ``page``.
  package init(_ environment: Environment) {
    header =
      environment["FETCH_USER_AGENT"]
      ?? "Mozilla/5.0 (compatible; \(PageReader.defaultAgent)/1.0; +\(Self.page))"
  }

  /// The product token for robots.txt: the one after `compatible;`, else the first of the header.
  package var token: String {
    let text = header.firstRange(of: "compatible;").map { header[$0.upperBound...] } ?? header[...]
    return String(text.drop { $0 == " " }.prefix { $0.isASCII && ($0.isLetter || $0 == "-" || $0 == "_") })
  }
}
