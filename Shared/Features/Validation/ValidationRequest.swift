import Access
package import Accounts
import Contract
import Crawling
package import Web

/// The body of `POST /analyze` with `kind: "llms_txt"`.
package struct ValidationRequest: CallerInput {
  package enum Source: Sendable {
    /// The URL of the file, or of its site or folder.
    case url(NormalizedURL)
    case content(String)
  }

  package let source: Source
  package let email: Email?

  /// The longest `content`, in bytes of UTF-8.
  package static let maximumContent = 1_000_000

  private enum CodingKeys: String, CodingKey { case url, content, email }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let content = try container.decodeIfPresent(String.self, forKey: .content)
    let hasURL = try container.contains(.url) && !container.decodeNil(forKey: .url)
    switch (hasURL, content) {
    case (true, nil): source = .url(try container.decodeTypedURL(forKey: .url))
    case (false, let content?):
      guard content.utf8.count <= Self.maximumContent else {
        throw Failure.invalidField("content", "content takes up to 1 MB; readers cut longer files")
      }
      source = .content(content)
    case (true, _): throw Failure.invalidField("content", "give either url or content, not both")
    case (false, nil):
      throw Failure.invalidField("url", "give the url of an llms.txt or of its site, or the text as content")
    }
    email = try container.decodeIfPresent(Email.self, forKey: .email)
  }
}
