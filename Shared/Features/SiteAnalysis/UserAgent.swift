package import Contract
import Web

/// How the crawler names itself.
package struct UserAgent: Sendable {
  /// The `User-Agent` header.
  package let header: String

  /// `FETCH_USER_AGENT`, or our own, which points to the page that says what the crawler does.
  package init(_ environment: Environment) {
    header =
      environment["FETCH_USER_AGENT"]
      ?? "Mozilla/5.0 (compatible; \(PageReader.usualAgent)/1.0; +https://github.com/llm-txt-mastery/llm-txt-mastery#the-crawler)"
  }

  /// The product token that a robots.txt may name: the one after `compatible;`, else the first.
  package var token: String {
    let text = header.firstRange(of: "compatible;").map { header[$0.upperBound...] } ?? header[...]
    return String(text.drop { $0 == " " }.prefix { $0.isASCII && ($0.isLetter || $0 == "-" || $0 == "_") })
  }
}
