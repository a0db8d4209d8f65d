/// Takes the marks of chats, and our own, out of a text.
enum PromptMarks {
  /// - Returns: the text without them, and whether it had any that a page has no use for.
  static func removed(from text: String) -> (text: String, isSuspicious: Bool) {
    let marks = withoutMarks(text)
    let turns = withoutTurns(marks.text)
    return (turns.text, marks.hadAny || turns.hasBoth)
  }

  /// Goes from the end to the beginning: what comes together where a mark is taken out begins further to the left, where it is still
  /// looked for.
  private static func withoutMarks(_ text: String) -> (text: String, hadAny: Bool) {
    /// What follows, the next of it last.
    var following: [UInt8] = []
    var hadAny = false
    for byte in text.utf8.reversed() {
      following.append(byte)
      guard byte == UInt8(ascii: "<") || byte == UInt8(ascii: "["), let length = lengthOfMark(following) else { continue }
      following.removeLast(length)
      hadAny = true
    }
    return (String(decoding: following.reversed(), as: UTF8.self), hadAny)
  }

  /// The bytes of the mark that begins at the end of what is reversed; nil where none does. A mark has 400 at most.
  private static func lengthOfMark(_ reversed: [UInt8]) -> Int? {
    let window = Array(reversed.suffix(400).reversed())[...]
    if window.starts(with: Array("<|".utf8)) {
      // Names of tokens have no blanks and no line ends: `a <| b |> c` is somebody's operator.
      let name = window.dropFirst(2).prefix { $0 != UInt8(ascii: "|") && $0 > 0x20 && $0 != UInt8(ascii: "<") }
      let end = window[name.endIndex...]
      return !name.isEmpty && name.count <= 64 && end.starts(with: Array("|>".utf8)) ? name.endIndex + 2 : nil
    }
    if let end = end(of: window, "<<", ["sys", "/sys"], ">>") { return end }
    if let end = end(of: window, "[", ["inst", "/inst"], "]") { return end }
    return endOfPageTag(window)
  }

  private static func end(of window: ArraySlice<UInt8>, _ open: String, _ names: [String], _ close: String) -> Int? {
    guard window.starts(with: Array(open.utf8)) else { return nil }
    let inner = window.dropFirst(open.utf8.count).drop(while: isBlank)
    for name in names where lowercased(inner.prefix(name.utf8.count)) == Array(name.utf8) {
      let rest = inner.dropFirst(name.utf8.count).drop(while: isBlank)
      if rest.starts(with: Array(close.utf8)) { return rest.startIndex + close.utf8.count }
    }
    return nil
  }

  /// `<page …>`, `</page>`, and what has blanks between; one that is not closed loses its name, so that nothing behind can close it.
  private static func endOfPageTag(_ window: ArraySlice<UInt8>) -> Int? {
    guard window.first == UInt8(ascii: "<") else { return nil }
    var inner = window.dropFirst().drop(while: isBlank)
    if inner.first == UInt8(ascii: "/") { inner = inner.dropFirst().drop(while: isBlank) }
    guard lowercased(inner.prefix(4)) == Array("page".utf8) else { return nil }
    let rest = inner.dropFirst(4)
    // `<pages>` and `<page-header>` are others.
    if let byte = rest.first, isNameByte(byte) { return nil }
    let attributes = rest.prefix { $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<") }
    let end = attributes.endIndex
    return end < window.endIndex && window[end] == UInt8(ascii: ">") ? end + 1 : rest.startIndex
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || byte >= 0x80
    }
  }

  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
  }

  /// Takes the colon from lines that begin a turn. A page may have a heading `System:`; turns of both sides are a chat's.
  private static func withoutTurns(_ text: String) -> (text: String, hasBoth: Bool) {
    var seen: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line -> Substring in
      let start = line.drop { $0.isWhitespace || "#*>-_".contains($0) }
      guard let colon = start.prefix(16).firstIndex(of: ":") ?? start.prefix(16).firstIndex(of: "：") else { return line }
      let name = start[..<colon].filter { !$0.isWhitespace && $0 != "*" && $0 != "_" }.lowercased()
      guard turns.contains(name) else { return line }
      seen.insert(name)
      return line[..<colon] + " " + line[colon...].drop { ":：".contains($0) || $0.isWhitespace }
    }
    let hasBoth = !seen.isDisjoint(with: ["human", "user"]) && !seen.isDisjoint(with: ["assistant", "system"])
    return seen.isEmpty ? (text, false) : (lines.joined(separator: "\n"), hasBoth)
  }

  private static let turns: Set<String> = ["human", "assistant", "system", "user"]
}
