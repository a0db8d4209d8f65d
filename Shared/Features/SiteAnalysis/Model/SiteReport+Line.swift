import LanguageModel

extension SiteReport {
  /// What a model wrote, or a site, as one line that can stand anywhere in a file: without line ends, marks of a chat
  /// and what nobody sees.
  static func line(_ text: String) -> String {
    PromptText.fence(text, maximumBytes: 400).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
