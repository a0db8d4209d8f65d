import Cryptography
import LanguageModel
import Web

/// The part of a page that a language model sees: title, path, description, headings and first paragraphs.
///
/// It uses only fields that are stored with crawled pages, so an unchanged page always has the same excerpt.
struct PageExcerpt: Sendable {
  /// The text between the `<page>` tags of the prompt.
  let text: String
  /// Whether the page contains a prompt injection. Such a page is not sent to a model.
  let isSuspicious: Bool

  private static let maximumBytes = 1_400

  init(_ page: Page, title: String, description: String?) {
    var lines = ["Title: \(title)", "Path: \(page.url.path)"]
    if let text = page.description ?? description { lines.append("Description: \(text)") }
    let headings = page.headings.prefix(12).map(\.text).joined(separator: "; ")
    if !headings.isEmpty { lines.append("Headings: \(headings)") }
    lines.append("Words: \(page.words)")
    lines += page.paragraphs.prefix(4)
    let sanitized = PromptText.sanitize(lines.joined(separator: "\n"), maximumBytes: Self.maximumBytes)
    text = sanitized.text
    isSuspicious = sanitized.isSuspicious
  }

  /// The SHA-256 digest of the text, the key of stored answers.
  var digest: [UInt8] { Digest.sha256(Array(text.utf8)) }
}
