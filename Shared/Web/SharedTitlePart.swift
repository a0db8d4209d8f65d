/// The part that many titles of a site begin or end with, usually the name of the site.
package struct SharedTitlePart: Sendable {
  /// The shared text, or `nil` if the titles share none.
  package let shared: String?
  private let place: Place

  private enum Place { case front, end, bracket }

  private static let separators = [
    " — ", " – ", " | ", "｜", " · ", " :: ", " » ", " › ", " > ", " • ", " - ", " -- ", " « ", " ‹ ", " / ", " ~ ",
    " ― ", " ∙ ", " ⋅ ", " : ", "：",
  ]

  /// Finds the part that at least three of the titles and 30 % of them share.
  package init(_ titles: [String]) { self.init(titles, neededBy: max(3, (titles.count * 3 + 9) / 10)) }

  /// Finds the part that at least the given number of titles share.
  package init(_ titles: [String], neededBy needed: Int) {
    var tails: [String: Int] = [:]
    var heads: [String: Int] = [:]
    for title in titles {
      if let (_, tail) = Self.splitLast(title) { tails[tail, default: 0] += 1 }
      if let (head, _) = Self.splitFirst(title) { heads[head, default: 0] += 1 }
    }
    let tail = tails.max { ($0.value, $1.key) < ($1.value, $0.key) }
    let head = heads.max { ($0.value, $1.key) < ($1.value, $0.key) }
    if let tail, tail.value >= needed, tail.value >= head?.value ?? 0 {
      (shared, place) = (tail.key, .end)
    } else if let head, head.value >= needed {
      (shared, place) = (head.key, .front)
    } else {
      // A title such as `Assert (JUnit API)`.
      var brackets: [String: Int] = [:]
      for title in titles { if let (_, inside) = Self.bracket(of: title) { brackets[inside, default: 0] += 1 } }
      (shared, place) = (
        brackets.filter { $0.value >= needed }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key, .bracket
      )
    }
  }

  /// Removes the shared part from a title. Returns other titles unchanged.
  package func removed(from title: String) -> String {
    guard let shared else { return title }
    switch place {
    case .front: if let (head, rest) = Self.splitFirst(title), head == shared { return rest }
    case .end: if let (rest, tail) = Self.splitLast(title), tail == shared { return rest }
    case .bracket: if let (rest, inside) = Self.bracket(of: title), inside == shared { return rest }
    }
    return title
  }

  /// Splits a title such as `Locks (Gatekeeper (version 7.3))` into the text before its last bracket and the text in
  /// that bracket: `Locks` and `Gatekeeper (version 7.3)`.
  package static func bracket(of title: String) -> (head: String, inside: String)? {
    let pairs: [Character: Character] = [")": "(", "]": "[", "）": "（", "】": "【"]
    guard let close = title.last, let open = pairs[close] else { return nil }
    var depth = 0
    for index in title.indices.reversed() {
      if title[index] == close { depth += 1 }
      if title[index] == open { depth -= 1 }
      guard depth == 0 else { continue }
      let head = title[..<index]
      guard !head.isEmpty, open == "（" || open == "【" || head.last == " " else { return nil }
      let name = String(head.last == " " ? head.dropLast() : head)
      return name.isEmpty ? nil : (name, String(title[title.index(after: index)...].dropLast()))
    }
    return nil
  }

  /// Splits a title at the last separator.
  package static func splitLast(_ title: String) -> (String, String)? {
    let text = Array(title.utf8)
    for position in text.indices.reversed() where isSeparatorStart(text[position]) {
      if let separator = marks.first(where: { text.hasPhrase($0, at: position) }) {
        return halves(of: text, at: position, without: separator.count)
      }
    }
    return nil
  }

  /// Splits a title at the first separator or colon.
  package static func splitFirst(_ title: String) -> (String, String)? {
    let text = Array(title.utf8)
    for position in text.indices where isSeparatorStart(text[position]) || text[position] == UInt8(ascii: ":") {
      if let separator = marksAndColon.first(where: { text.hasPhrase($0, at: position) }) {
        return halves(of: text, at: position, without: separator.count)
      }
    }
    return nil
  }

  /// Separators begin with a space or with a full-width sign (U+FF1A or U+FF5C).
  private static func isSeparatorStart(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0xef }

  private static let marks = separators.map { Array($0.utf8) }
  private static let marksAndColon = marks + [Array(": ".utf8)]

  private static func halves(of text: [UInt8], at position: Int, without count: Int) -> (String, String) {
    (String(decoding: text[..<position], as: UTF8.self), String(decoding: text[(position + count)...], as: UTF8.self))
  }
}
