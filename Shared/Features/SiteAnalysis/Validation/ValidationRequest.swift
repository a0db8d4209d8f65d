package import Accounts
import Contract
package import Web

/// What a caller asks of `POST /analyze` with `kind: "llms_txt"`.
package struct ValidationRequest: Sendable, Decodable {
  package enum Source: Sendable {
    /// The file, or the site or folder that it is of.
    case url(NormalizedURL)
    case content(String)
  }

  package let source: Source
  package let email: Email?

  /// Of `content`, in bytes of UTF-8.
  package static let maximumContent = 1_000_000

  private enum CodingKeys: String, CodingKey { case url, content, email }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let content = try container.decodeIfPresent(String.self, forKey: .content)
    let hasURL = try container.contains(.url) && !container.decodeNil(forKey: .url)
    switch (hasURL, content) {
    case (true, nil): source = .url(try AnalyzeRequest.url(in: decoder))
    case (false, let content?):
      guard content.utf8.count <= Self.maximumContent else {
        throw Failure.invalidField("content", "content takes up to 1 MB; a file of that size is cut by every reader")
      }
      source = .content(content)
    case (true, _): throw Failure.invalidField("content", "give either url or content, not both")
    case (false, nil):
      throw Failure.invalidField("url", "give the url of an llms.txt or of its site, or the text as content")
    }
    email = try container.decodeIfPresent(Email.self, forKey: .email)
  }
}
