/// Phrases that are sought together in short texts, byte by byte: a site has hundreds of texts, and each is asked for dozens.
struct Phrases: Sendable {
  private let phrases: [[UInt8]]

  /// - Parameter phrases: in lower case.
  init(_ phrases: [String]) { self.phrases = phrases.map { Array($0.utf8) } }

  /// Whether any of them is in the text, beginning in its first bytes.
  ///
  /// - Parameter text: UTF-8 in lower case.
  func occur(in text: [UInt8], within start: Int = .max) -> Bool {
    phrases.contains { phrase in
      guard phrase.count <= text.count else { return false }
      var position = 0
      while position <= min(start, text.count - phrase.count) {
        var length = 0
        while length < phrase.count, text[position + length] == phrase[length] { length += 1 }
        if length == phrase.count { return true }
        position += 1
      }
      return false
    }
  }
}
