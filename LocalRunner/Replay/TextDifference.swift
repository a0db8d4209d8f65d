import FoundationEssentials
import JSONValues

/// Describes the difference of two values for a person.
enum TextDifference {
  private static let maximumLines = 40
  private static let maximumCharacters = 200

  /// Returns one line for most values. For texts of several lines it returns the removed lines with `-` and the added
  /// lines with `+`.
  static func lines(_ actual: JSONValue, _ expected: JSONValue, at path: String) -> [String] {
    guard case .string(let new) = actual, case .string(let old) = expected else {
      return ["\(path) is \(json(actual)), not \(json(expected))"]
    }
    if new.contains("\n") || old.contains("\n") { return ["\(path) differs:"] + changedLines(old, new) }
    let shared = zip(new, old).prefix { $0 == $1 }.count
    // The equal beginning of long texts is left out, so that the difference is visible.
    let start = max(new.count, old.count) > maximumCharacters ? max(0, shared - 40) : 0
    func shown(_ text: String) -> String { start > 0 ? "…" + text.dropFirst(start) : text }
    return ["\(path) is \(json(.string(shown(new)))), not \(json(.string(shown(old))))"]
  }

  private static func changedLines(_ old: String, _ new: String) -> [String] {
    let before = old.split(separator: "\n", omittingEmptySubsequences: false)
    let after = new.split(separator: "\n", omittingEmptySubsequences: false)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in after.difference(from: before) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [String] = []
    var (i, j) = (0, 0)
    while i < before.count || j < after.count {
      if removed.contains(i) {
        lines.append("- \(before[i])")
        i += 1
      } else if inserted.contains(j) {
        lines.append("+ \(after[j])")
        j += 1
      } else {
        i += 1
        j += 1
      }
    }
    guard lines.count > maximumLines else { return lines }
    return lines.prefix(maximumLines) + ["… and \(lines.count - maximumLines) more lines"]
  }

  /// Returns a value as JSON, cut after 200 characters.
  static func json(_ value: JSONValue) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
    return text.count > maximumCharacters ? text.prefix(maximumCharacters) + "…" : text
  }
}
