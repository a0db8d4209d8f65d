import LanguageModel

extension SiteReport {
  /// Converts text of a model or a site to one line that is safe in a file: without line breaks, chat markers and
  /// invisible characters.
  static func line(_ text: String) -> String {
    PromptText.sanitize(text, maximumBytes: 400).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
