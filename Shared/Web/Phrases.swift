/// A set of phrases to search for in short texts.
///
/// It compares bytes, because hundreds of texts per site are each searched for dozens of phrases.
package struct Phrases: Sendable {
  private let phrases: [[UInt8]]

  /// - Parameter phrases: The phrases in lower case.
  package init(_ phrases: [String]) { self.phrases = phrases.map { Array($0.utf8) } }

  /// Whether the text contains any of the phrases.
  ///
  /// - Parameters:
  ///   - text: The UTF-8 text in lower case.
  ///   - start: The last byte offset at which a phrase may begin.
  package func occur(in text: [UInt8], within start: Int = .max) -> Bool {
    phrases.contains { text.position(of: $0, to: start) != nil }
  }
}

extension Array where Element: Equatable {
  /// Returns the first position of a phrase that is not before `start` and not after `end`.
  package func position(of phrase: [Element], from start: Int = 0, to end: Int = .max) -> Int? {
    var position = start
    while position <= end, position + phrase.count <= count {
      if hasPhrase(phrase, at: position) { return position }
      position += 1
    }
    return nil
  }

  /// Whether a phrase begins at a position.
  package func hasPhrase(_ phrase: [Element], at position: Int) -> Bool {
    guard position + phrase.count <= count else { return false }
    var length = 0
    while length < phrase.count, self[position + length] == phrase[length] { length += 1 }
    return length == phrase.count
  }
}

extension String {
  /// The runs of letters and digits in lower case, for comparing texts.
  package var plainWords: [Substring] { lowercased().split { !$0.isLetter && !$0.isNumber } }
}
