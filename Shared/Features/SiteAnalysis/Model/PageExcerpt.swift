import Cryptography
import LanguageModel
import Web

/// What a model is shown of a page: only what is kept of pages, so that one which did not change is shown alike.
struct PageExcerpt: Sendable {
  /// Between the marks of the prompt, without them.
  let text: String
  /// Whether the page tried to be more than text; a model does not get to see such a page.
  let isSuspicious: Bool

  private static let maximumBytes = 1_400

  init(_ page: Page, title: String, description: String?) {
    var lines = ["Title: \(title)", "Path: \(page.url.path)"]
    if let text = page.description ?? description { lines.append("Description: \(text)") }
    let headings = page.headings.prefix(12).map(\.text).joined(separator: "; ")
    if !headings.isEmpty { lines.append("Headings: \(headings)") }
    lines.append("Words: \(page.words)")
    lines += page.paragraphs.prefix(4)
    let fenced = PromptText.fence(lines.joined(separator: "\n"), maximumBytes: Self.maximumBytes)
    text = fenced.text
    isSuspicious = fenced.isSuspicious
  }

  /// The SHA-256 of the text: the same for as long as a model would be shown the same.
  var digest: [UInt8] { Digest.sha256(Array(text.utf8)) }
}
