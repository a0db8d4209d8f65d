/// Removes marks from a text that a model could take for the structure of a chat or of our prompts.
enum PromptMarks {
  /// A text without marks.
  struct Removal {
    let text: String
    /// Whether the text had marks that ordinary pages do not have.
    let isSuspicious: Bool
  }

  static func removed(from text: String) -> Removal {
    let marks = withoutMarks(text)
    let turns = withoutTurns(marks.text)
    return Removal(text: turns.text, isSuspicious: marks.hadAny || turns.hasBoth)
  }

  /// Removes tags and tokens, from the end of the text to its start, so that a mark that a removal puts together is removed,
  /// too.
  private static func withoutMarks(_ text: String) -> (text: String, hadAny: Bool) {
    /// The rest of the text without marks, in reverse order.
    var following: [UInt8] = []
    var hadAny = false
    for byte in text.utf8.reversed() {
      following.append(byte)
      guard byte == UInt8(ascii: "<") || byte == UInt8(ascii: "["), let length = lengthOfMark(following) else {
        continue
      }
      following.removeLast(length)
      hadAny = true
    }
    return (String(decoding: following.reversed(), as: UTF8.self), hadAny)
  }

  /// The length in bytes of the mark that begins at the end of the reversed bytes; nil if there is none. A mark has 400
  /// bytes at most.
  private static func lengthOfMark(_ reversed: [UInt8]) -> Int? {
    let mark = Mark(reversed: reversed)
    if mark[0] == UInt8(ascii: "[") { return mark.end(after: instructions, from: 1, [UInt8(ascii: "]")]) }
    if mark[1] == UInt8(ascii: "|") {
      // Names of tokens have no spaces: `a <| b |> c` is an operator of a programming language.
      var position = 2
      while position < 66, let byte = mark[position], byte > 0x20, byte != UInt8(ascii: "|"), byte != UInt8(ascii: "<")
      { position += 1 }
      return position > 2 && mark[position] == UInt8(ascii: "|") && mark[position + 1] == UInt8(ascii: ">")
        ? position + 2 : nil
    }
    if mark[1] == UInt8(ascii: "<"),
      let end = mark.end(after: systems, from: 2, [UInt8(ascii: ">"), UInt8(ascii: ">")])
    {
      return end
    }
    return lengthOfPageTag(mark)
  }

  /// The length of `<page …>`, `</page>` and variants with spaces. Of a tag that is not closed, only the name is removed, so
  /// that later text cannot close it.
  private static func lengthOfPageTag(_ mark: Mark) -> Int? {
    var position = mark.skipBlanks(1)
    if mark[position] == UInt8(ascii: "/") { position = mark.skipBlanks(position + 1) }
    guard let name = mark.word(at: position, pages) else { return nil }
    // `<pages>` and `<page-header>` are other tags.
    if let byte = mark[name], isNameByte(byte) { return nil }
    var end = name
    while let byte = mark[end], byte != UInt8(ascii: ">"), byte != UInt8(ascii: "<") { end += 1 }
    return mark[end] == UInt8(ascii: ">") ? end + 1 : name
  }

  /// The bytes from an opening bracket on, stored in reverse order.
  private struct Mark {
    let reversed: [UInt8]

    subscript(position: Int) -> UInt8? {
      position < 400 && position < reversed.count ? reversed[reversed.count - 1 - position] : nil
    }

    func skipBlanks(_ start: Int) -> Int {
      var position = start
      while let byte = self[position], isBlank(byte) { position += 1 }
      return position
    }

    /// The end of one of the words, compared without regard to case; nil if none is at the position.
    func word(at start: Int, _ words: [[UInt8]]) -> Int? {
      for word in words {
        if word.indices.allSatisfy({ self[start + $0].map(lowercased) == word[$0] }) { return start + word.count }
      }
      return nil
    }

    func end(after words: [[UInt8]], from start: Int, _ close: [UInt8]) -> Int? {
      guard let word = word(at: skipBlanks(start), words) else { return nil }
      let rest = skipBlanks(word)
      return self.word(at: rest, [close])
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || byte >= 0x80
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
  }

  /// Removes the colon from lines that look like the turns of a chat, such as `Human:`. Turns of both sides are suspicious;
  /// a single one may be a heading.
  private static func withoutTurns(_ text: String) -> (text: String, hasBoth: Bool) {
    var seen: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line -> Substring in
      let start = line.drop { $0.isWhitespace || "#*>-_".contains($0) }
      guard let colon = start.prefix(16).firstIndex(of: ":") ?? start.prefix(16).firstIndex(of: "：") else {
        return line
      }
      let name = start[..<colon].filter { !$0.isWhitespace && $0 != "*" && $0 != "_" }.lowercased()
      guard turns.contains(name) else { return line }
      seen.insert(name)
      return line[..<colon] + " " + line[colon...].drop { ":：".contains($0) || $0.isWhitespace }
    }
    let hasBoth = !seen.isDisjoint(with: ["human", "user"]) && !seen.isDisjoint(with: ["assistant", "system"])
    return seen.isEmpty ? (text, false) : (lines.joined(separator: "\n"), hasBoth)
  }

  private static let instructions = [Array("inst".utf8), Array("/inst".utf8)]
  private static let systems = [Array("sys".utf8), Array("/sys".utf8)]
  private static let pages = [Array("page".utf8), Array("site".utf8)]
  private static let turns: Set<String> = ["human", "assistant", "system", "user"]
}
