import Web

extension Descriptions {
  /// Headings that say nothing about the subject of a page, in lower case.
  static let genericHeadings: Set<String> = [
    "introduction", "overview", "see also", "notes", "references", "contents", "summary", "examples", "example",
    "on this page", "footnotes", "table of contents", "navigation", "related", "conclusion", "abstract", "what’s next",
    "next steps", "preface",
  ]

  /// Headings that occur on every page of a manual, in lower case.
  static let standardHeadings: Set<String> = [
    "name", "synopsis", "description", "options", "usage", "syntax", "arguments", "parameters", "return value",
    "return values", "returns", "errors", "exit status", "environment", "files", "diagnostics", "bugs", "history",
    "author", "authors", "copyright", "license", "standards", "conforming to", "details", "value", "configuration",
    "discussion", "further reading", "links", "comments", "external links",
  ]

  /// Returns the headings of the page's highest level below 1, without its title, standard headings and headings of the
  /// site's template.
  func topics(of page: Page, title: String) -> [String] {
    let headings = page.headings.filter { heading in
      let name = Titles.clean(heading.text).lowercased()
      return heading.level > 1 && name != title.lowercased() && !commonHeadings.contains(name)
        && !Self.standardHeadings.contains(name)
    }
    let highest = headings.map(\.level).min()
    return headings.filter { $0.level == highest }.map(\.text)
  }

  /// Returns a sentence such as `Covers Locks, Keys and Hooks` with as many names as fit in one line, or `nil` for fewer
  /// than three names, unless two have at least 40 characters together.
  static func contents(_ names: [String], title: String, language: String) -> String? {
    var chosen: [String] = []
    var length = 0
    for name in names.compactMap(entryName) {
      let lower = name.lowercased()
      if genericHeadings.contains(lower) || lower == title.lowercased() || chosen.contains(name) { continue }
      length += name.displayWidth + 2
      if length > 128 { break }
      chosen.append(name)
    }
    guard chosen.count >= 3 || chosen.count == 2 && length >= 44 else { return nil }
    guard let words = contentsWords[language.prefix(2).lowercased()] else { return chosen.joined(separator: ", ") }
    let list = chosen.dropLast().joined(separator: words.separator) + words.last + chosen[chosen.count - 1]
    return words.before + list + words.after
  }

  /// The words around a list of contents, by language. In other languages the list stands alone.
  private static let contentsWords: [String: (before: String, separator: String, last: String, after: String)] = [
    "en": ("Covers ", ", ", " and ", ""), "de": ("Behandelt ", ", ", " und ", ""),
    "fr": ("Présente ", ", ", " et ", ""),
    "es": ("Trata ", ", ", " y ", ""), "pt": ("Aborda ", ", ", " e ", ""), "it": ("Tratta ", ", ", " e ", ""),
    "nl": ("Behandelt ", ", ", " en ", ""), "ja": ("", "、", "、", "を扱います"), "zh": ("介绍", "、", "和", ""),
  ]

  /// Returns the language of a text: Japanese or Chinese by its script, another one by its frequent words.
  static func language(of text: String) -> String? {
    if text.isUnspaced { return text.unicodeScalars.contains { (0x3040...0x30ff).contains($0.value) } ? "ja" : "zh" }
    let words = text.lowercased().split { !$0.isLetter }
    let counts = frequentWords.mapValues { frequent in words.count(where: frequent.contains) }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }.flatMap { $0.value >= 3 ? $0.key : nil }
  }

  private static let frequentWords: [String: Set<Substring>] = [
    "en": ["the", "and", "of", "is", "to"], "de": ["der", "die", "und", "das", "ist"],
    "fr": ["le", "les", "des", "et", "est"],
    "es": ["el", "los", "las", "del", "y"], "pt": ["os", "uma", "não", "do", "da"],
    "it": ["il", "gli", "della", "che", "per"],
    "nl": ["het", "een", "van", "en", "zijn"],
  ]

  /// Returns a heading or link text as an item of a list, or `nil` if it is not a name: a question, a text with a remark
  /// such as `(details below)`, a number or an address.
  private static func entryName(_ text: String) -> String? {
    var name = Titles.clean(text.hasPrefix("◆") ? String(text.dropFirst()) : text)
    if let (head, inside) = SharedTitlePart.bracket(of: name),
      ["below", "above", "details", "see "].contains(where: inside.lowercased().contains)
    {
      name = head
    }
    guard (2...60).contains(name.count), let first = name.first,
      first.isLetter || first.isNumber || "`@.".contains(first),
      name.contains(where: \.isLetter), isBalanced(name), !"?？!".contains(name.last!), !name.contains("://"),
      !name.contains(","), !name.contains("、")
    else { return nil }
    return name
  }
}
