import Web

extension Titles {
  /// Removes a section number (`5.`, `6.2.`, `Chapter 6.`), trailing marks, unpaired brackets and a long subtitle from a
  /// title.
  static func clean(_ title: String) -> String {
    var text = withoutNumber(title.folded)
    for suffix in [" Manual Page", " man page"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    if !text.contains(" "), let suffix = [".html", ".htm", ".rst"].first(where: text.hasSuffix) {
      text.removeLast(suffix.count)
    }
    trimEnd(&text)
    if text.count > 64, let colon = text.firstRange(of: ": "),
      text.distance(from: text.startIndex, to: colon.lowerBound) >= 8
    {
      text = String(text[..<colon.lowerBound])
    }
    return balanced(text)
  }

  /// Removes permalink signs, dashes, colons and a final period.
  private static func trimEnd(_ text: inout String) {
    func isPlain(_ byte: UInt8?) -> Bool {
      byte.map { (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) } ?? false
    }
    if isPlain(text.utf8.first), isPlain(text.utf8.last) { return }
    while let last = text.last {
      let isExtra =
        "¶§:：–—-|·•".contains(last) || last.isWhitespace || "»›".contains(last) && !text.contains { "«‹".contains($0) }
        || last == "#" && !endsWithNameSign(text)
        || last == "." && endsLikeASentence(text)
      guard isExtra, text.count > 1 else { break }
      text.removeLast()
    }
    if "|·•«‹–—".contains(text.first ?? " "), text.count > 2 {
      text = String(text.dropFirst().drop(while: \.isWhitespace))
    }
  }

  /// Whether the final period of a text ends a sentence, unlike that of `et al.`, `Acme Inc.` or `Network...`.
  private static func endsLikeASentence(_ text: String) -> Bool {
    let word = text.dropLast().reversed().prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == ")" }
    return word.count >= 4 && !word.contains(".")
  }

  /// Whether a text ends with a name such as `C#` or `F#` rather than with the `#` of a permalink.
  private static func endsWithNameSign(_ text: String) -> Bool {
    let word = text.dropLast().reversed().prefix { $0.isLetter || $0.isNumber }
    return (1...2).contains(word.count) && word.allSatisfy { $0.isUppercase || $0.isNumber }
  }

  /// Cuts a text before a bracket that is never closed, and removes brackets that were never opened.
  static func balanced(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x28, 0x29, 0x5b, 0x5d].contains($0) }) else { return text }
    var open: [String.Index] = []
    var extra: [String.Index] = []
    for index in text.indices {
      switch text[index] {
      case "(", "[": open.append(index)
      case ")", "]": if open.popLast() == nil { extra.append(index) }
      default: break
      }
    }
    var result = text
    for index in extra.reversed() where !endsListMark(text, at: index) { result.remove(at: index) }
    // Removing a later character keeps earlier indices valid; an open bracket comes after all extra closing ones.
    if extra.isEmpty, let first = open.first {
      let head = String(text[..<first])
      let name = head.folded
      result = name.count >= 2 ? name : String(text[text.index(after: first)...])
    }
    return result
  }

  /// Whether a closing bracket belongs to a list mark such as `a)` or `1)`.
  private static func endsListMark(_ text: String, at index: String.Index) -> Bool {
    (1...2).contains(text[..<index].reversed().prefix { $0.isLetter || $0.isNumber }.count)
  }

  // MARK: Numbers

  /// Words that introduce the number of a chapter, in lower case.
  private static let chapterWords = [
    "chapter", "appendix", "section", "part", "chapitre", "annexe", "partie", "kapitel", "anhang", "abschnitt", "teil",
    "capítulo", "apéndice", "sección", "capitolo", "appendice", "apêndice", "seção", "hoofdstuk", "bijlage", "rozdział",
    "kapitola", "глава", "раздел", "приложение", "bölüm", "§",
  ]

  /// Removes a chapter or section number from the beginning of a title.
  static func withoutNumber(_ title: String) -> String {
    guard mayBeginWithNumber(title) else { return title }
    if let rest = withoutChapter(title) { return withoutNumber(rest) }
    var rest = title[...]
    let number = rest.prefix { $0.isNumber || $0 == "." }
    // "5. Data" and "6.2 apt" have section numbers; "10 tips" and "3D" do not.
    if number.contains("."), number.first?.isNumber ?? false, rest.dropFirst(number.count).first?.isWhitespace ?? false,
      !isVersion(number, rest)
    {
      rest = rest.dropFirst(number.count).drop { $0.isWhitespace }
    } else if let first = rest.first, first.isUppercase, first.isASCII {
      // "A. Appendix", "B.1. More", "IV. Types".
      let roman = rest.prefix { "IVX".contains($0) }
      let length = rest.dropFirst(roman.count).hasPrefix(". ") && roman.count > 1 ? roman.count : 1
      let letter = rest.dropFirst(length).prefix { $0.isNumber || $0 == "." }
      let after = rest.dropFirst(length + letter.count)
      // The digits of "X.509" and "H.264" are too many for a section.
      let isSection = letter.first == "." && letter.split(separator: ".").allSatisfy { $0.count <= 2 }
      if isSection, after.first?.isWhitespace ?? false { rest = after.drop { $0.isWhitespace } }
    }
    return rest.isEmpty ? title : String(rest)
  }

  /// Whether a title may begin with a number or a word such as `Chapter`, judged by its first bytes.
  ///
  /// Most titles do not, and this is much faster than the complete examination.
  private static func mayBeginWithNumber(_ title: String) -> Bool {
    let bytes = title.utf8
    guard let first = bytes.first else { return false }
    let isUppercase = (0x41...0x5a).contains(first)
    // Other alphabets, digits and signs are examined completely.
    guard first < 0x80, isUppercase || (0x61...0x7a).contains(first) else { return true }
    guard isUppercase else { return false }
    let word = bytes.prefix { (0x41...0x5a).contains($0 & 0xdf) }
    let next = bytes.dropFirst(word.count).first
    // "IV. Types", "B.1 More".
    if word.count <= 5, next.map({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }) ?? false { return true }
    // "Chapitre" and "Kapitel" are among the words; letters with accents end the prefix.
    return next.map { $0 == 0x20 || $0 >= 0x80 } ?? false
      && (next! >= 0x80 || chapterWords.contains(String(decoding: word, as: UTF8.self).lowercased()))
  }

  /// Returns the title after `Chapter 3:`, `Annexe B.`, `§ 5` or `第 4 章`, or `nil` if it has no such beginning.
  private static func withoutChapter(_ title: String) -> String? {
    if title.hasPrefix("第") || title.hasPrefix("제") {
      let rest = title.dropFirst().drop { $0.isWhitespace }
      let number = rest.prefix { $0.isNumber || "一二三四五六七八九十".contains($0) }
      let unit = rest.dropFirst(number.count).drop { $0.isWhitespace }
      guard !number.isEmpty, let first = unit.first, "章部節节編장부절".contains(first) else { return nil }
      let name = unit.dropFirst().drop { $0.isWhitespace || ":：.、".contains($0) }
      return name.isEmpty ? nil : String(name)
    }
    guard let first = title.first, first.isUppercase || first == "§" else { return nil }
    let word = first == "§" ? title.prefix(1) : title.prefix { $0.isLetter }
    guard chapterWords.contains(word.lowercased()) else { return nil }
    let rest = title.dropFirst(word.count).drop { $0.isWhitespace }
    let number = rest.prefix { $0.isNumber || $0.isASCII && $0.isUppercase || $0 == "." }
    let after = rest.dropFirst(number.count)
    guard !number.isEmpty, let next = after.first, next.isWhitespace || ":—–".contains(next) else { return nil }
    let name = after.drop { $0.isWhitespace || ":—–-".contains($0) }
    return name.isEmpty ? nil : String(name)
  }

  /// Whether a number at the beginning of a title is a version rather than a section number.
  private static func isVersion(_ number: Substring, _ rest: Substring) -> Bool {
    if number.hasSuffix(".") { return false }
    if number.hasSuffix(".0") || number.hasSuffix(".x") { return true }
    let words = rest.lowercased().split { !$0.isLetter }.prefix(3)
    return words.contains {
      [
        "migration", "migrating", "release", "releases", "upgrade", "upgrading", "changes", "changelog", "version",
        "beta", "alpha", "preview", "notes", "api", "lts",
      ].contains($0)
    }
  }

  /// Splits a title such as `2 Names`, `03 - Names` or `4) Names` into its number and the rest.
  static func leadingNumber(of title: String) -> (number: Int, rest: String)? {
    let digits = title.prefix { $0.isASCII && $0.isNumber }
    guard (1...2).contains(digits.count), let number = Int(digits) else { return nil }
    let after = title.dropFirst(digits.count)
    guard let next = after.first, next.isWhitespace || ").:-–".contains(next) else { return nil }
    let rest = after.drop { $0.isWhitespace || ").:-–—".contains($0) }
    return rest.first?.isLetter ?? false && rest.count >= 2 ? (number, String(rest)) : nil
  }

  // MARK: Versions

  /// Returns the version at the end of a title, such as `v2.3`, `(version 7.3.0)` or `2.2.dev0`, and the title without
  /// it.
  static func trailingVersion(of title: String) -> (rest: String, version: String)? {
    if let (head, inside) = SharedTitlePart.bracket(of: title) {
      let words = inside.split(separator: " ")
      guard let last = words.last, isVersionNumber(last), words.dropLast().allSatisfy(isVersionWord) else { return nil }
      return (head, inside)
    }
    var words = title.split(separator: " ")
    guard words.count > 1, let last = words.last, isVersionNumber(last) else { return nil }
    words.removeLast()
    if words.count > 1, isVersionWord(words[words.count - 1]) { words.removeLast() }
    var rest = words.joined(separator: " ")
    trimEnd(&rest)
    return rest.count >= 2 ? (rest, String(last)) : nil
  }

  static func isVersionWord(_ word: Substring) -> Bool {
    ["version", "ver.", "v.", "v", "release", "rel."].contains(word.lowercased())
  }

  /// Whether a word is a version: `v2`, `7.3.0`, `2.2.dev0`, `1.0-beta.2` or `3.x`, but not `3` or `4.2%`.
  static func isVersionNumber(_ word: Substring) -> Bool {
    var rest = word[...]
    let isMarked = rest.first == "v" || rest.first == "V"
    if isMarked { rest = rest.dropFirst() }
    guard rest.first?.isNumber ?? false,
      rest.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-+_".contains($0)) })
    else { return false }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 1 { return isMarked && rest.allSatisfy(\.isNumber) }
    return parts.dropFirst().allSatisfy { part in
      guard let first = part.first else { return false }
      return first.isNumber || ["x", "dev", "rc", "alpha", "beta", "post"].contains { part.hasPrefix($0) }
    }
  }
}
