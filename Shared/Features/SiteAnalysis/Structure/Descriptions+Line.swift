import Web

extension Descriptions {
  /// Converts a text to a description: one line without a final period, cut at a clause if it is too long.
  ///
  /// Returns `nil` if the result is too short, equals the title, contains a URL or has unbalanced brackets or quotes.
  static func line(from text: String, title: String) -> String? {
    var line = text.folded
    if let mark = ["[…]", "[...]", "…", "..."].first(where: line.hasSuffix) {
      // The site truncated the text. Keep the complete sentences or clauses.
      guard let complete = completePart(of: String(line.dropLast(mark.count))) else { return nil }
      line = complete
    }
    if line.displayWidth > maximumLength, let sentence = Sentences.first(of: line) { line = sentence }
    if line.displayWidth > maximumLength {
      guard let cut = clause(of: line, limit: maximumLength) else { return nil }
      line = cut
    }
    while let last = line.last, ".:;,…。：；，、".contains(last) || last.isWhitespace {
      if line.hasSuffix("etc.") { break }
      line.removeLast()
    }
    guard line.displayWidth >= 16, line.lowercased() != title.lowercased(), isBalanced(line), !line.contains("://")
    else {
      return nil
    }
    return line
  }

  /// Returns the complete sentences of a truncated text, or its complete clauses.
  private static func completePart(of text: String) -> String? {
    let sentences = Sentences.split(text)
    return sentences.count > 1 ? sentences.dropLast().joined(separator: " ") : clause(of: text, limit: maximumLength)
  }

  /// Returns the longest beginning of a line that ends at a clause boundary within the limit and has at least 50
  /// characters, or `nil` if there is none.
  static func clause(of line: String, limit: Int) -> String? {
    var head = line.prefix(limit)
    while String(head).displayWidth > limit { head.removeLast() }
    var best: Substring?
    for boundary in ["; ", ", which ", ", and ", ", but ", ", so ", " (", "；", "，", "、"] {
      guard let range = head.ranges(of: boundary).last else { continue }
      let cut = head[..<range.lowerBound]
      // After an earlier comma, `, and` may introduce the last item of a list.
      if boundary == ", and ", cut.contains(", ") { continue }
      if String(cut).displayWidth >= 50, isBalanced(String(cut)), cut.count > best?.count ?? 0 { best = cut }
    }
    return best.map(String.init)
  }

  /// Whether all brackets, quotation marks and backquotes in a text are paired.
  static func isBalanced(_ text: String) -> Bool {
    var depth = 0
    var quotes = 0
    var backquotes = 0
    var opened = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "\"": quotes += 1
      case "`": backquotes += 1
      case "“": opened += 1
      case "”": opened -= 1
      default: break
      }
      if depth < 0 { return false }
    }
    return depth == 0 && opened == 0 && quotes.isMultiple(of: 2) && backquotes.isMultiple(of: 2)
  }
}
