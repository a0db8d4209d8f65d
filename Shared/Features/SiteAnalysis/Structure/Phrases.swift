/// Phrases that are sought together in short texts, byte by byte: a site has hundreds of texts, and each is asked for
/// dozens.
struct Phrases: Sendable {
  private let phrases: [[UInt8]]

  /// - Parameter phrases: in lower case.
  init(_ phrases: [String]) { self.phrases = phrases.map { Array($0.utf8) } }

  /// Whether any of them is in the text, beginning in its first bytes.
  ///
  /// - Parameter text: UTF-8 in lower case.
  func occur(in text: [UInt8], within start: Int = .max) -> Bool {
    phrases.contains { text.position(of: $0, to: start) != nil }
  }
}

extension Array where Element: Equatable {
  /// Where a phrase first begins, between two positions.
  func position(of phrase: [Element], from start: Int = 0, to end: Int = .max) -> Int? {
    var position = start
    while position <= end, position + phrase.count <= count {
      if hasPhrase(phrase, at: position) { return position }
      position += 1
    }
    return nil
  }

  func hasPhrase(_ phrase: [Element], at position: Int) -> Bool {
    guard position + phrase.count <= count else { return false }
    var length = 0
    while length < phrase.count, self[position + length] == phrase[length] { length += 1 }
    return length == phrase.count
  }
}

extension String {
  /// Its runs of letters and digits, in lower case: two texts are compared by them.
  var plainWords: [Substring] { lowercased().split { !$0.isLetter && !$0.isNumber } }
}
