import Web

/// Splits prose into sentences.
enum Sentences {
  private static let abbreviations: Set<Substring> = [
    "e.g", "i.e", "etc", "vs", "cf", "fig", "no", "mr", "mrs", "ms", "dr", "st", "inc", "ltd", "approx", "al", "resp",
    "ca", "p", "pp", "vol",
  ]

  private static let marks: Set<Character> = [".", "!", "?", "。", "！", "？", "।"]

  static func first(of text: String) -> String? { split(text, upTo: 1).first }

  /// - Parameter count: The maximum number of sentences to return; the rest of the text is ignored.
  static func split(_ text: String, upTo count: Int = .max) -> [String] {
    var sentences: [String] = []
    var start = text.startIndex
    var index = text.startIndex
    while index < text.endIndex, sentences.count < count {
      let next = text.index(after: index)
      if marks.contains(text[index]), isEnd(text, at: index, next: next) {
        sentences.append(text[start..<next].trimmed)
        start = next
      }
      index = next
    }
    if start < text.endIndex, sentences.count < count {
      let rest = text[start...].trimmed
      if !rest.isEmpty { sentences.append(rest) }
    }
    return sentences
  }

  private static func isEnd(_ text: String, at index: String.Index, next: String.Index) -> Bool {
    if "。！？".contains(text[index]) { return true }
    guard next < text.endIndex else { return true }
    guard text[next].isWhitespace else { return false }
    let after = text[next...].drop { $0.isWhitespace }
    guard let first = after.first, first.isUppercase || first.isNumber || "\"“‘'(`¿¡".contains(first) || !first.isASCII
    else { return false }
    guard text[index] == "." else { return true }
    let before = text[..<index]
    let word = before.lastIndex { $0.isWhitespace || $0 == "(" }.map { before[before.index(after: $0)...] } ?? before
    return !abbreviations.contains(Substring(word.lowercased())) && !(word.count == 1 && word.first!.isUppercase)
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self).folded }
}
