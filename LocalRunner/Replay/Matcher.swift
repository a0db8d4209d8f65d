import FoundationEssentials
import JSONValues

/// Compares a response with the expected one, which may contain patterns such as `{{uuid}}`.
struct Matcher {
  /// The strings that matched a pattern with a name, by that name.
  private(set) var captured: [String: String] = [:]
  /// The lines that describe the differences.
  private(set) var differences: [String] = []

  /// Compares a value and adds the differences.
  ///
  /// Headers that are not in the expected response are ignored, because platforms add headers.
  ///
  /// - Parameter path: the place of the value, such as `body.items[0]`; empty for the whole response.
  mutating func compare(_ actual: JSONValue, with expected: JSONValue, at path: String = "") {
    switch (actual, expected) {
    case (_, .string(let text)) where text.hasPrefix("{{") && text.hasSuffix("}}"):
      match(actual, String(text.dropFirst(2).dropLast(2)), at: path)
    case (.object(let a), .object(let b)):
      for key in Set(a.keys).union(b.keys).sorted() {
        let place = path.isEmpty ? key : "\(path).\(key)"
        switch (a[key], b[key]) {
        case (let x?, let y?): compare(x, with: y, at: place)
        case (nil, _?): differences.append("\(place) is missing")
        case (_?, nil) where path == "headers": break
        default: differences.append("\(place) was not expected")
        }
      }
    case (.array(let a), .array(let b)):
      if a.count != b.count { differences.append("\(path) has \(a.count) elements, not \(b.count)") }
      for (index, pair) in zip(a, b).enumerated() { compare(pair.0, with: pair.1, at: "\(path)[\(index)]") }
    default:
      if actual != expected { differences += TextDifference.lines(actual, expected, at: path) }
    }
  }

  /// - Parameter pattern: the text between the braces: a type, or a type and a name as in `uuid:report`.
  private mutating func match(_ actual: JSONValue, _ pattern: String, at path: String) {
    let parts = pattern.split(separator: ":", maxSplits: 1).map(String.init)
    let matches: Bool =
      switch (parts.first, actual) {
      case ("uuid", .string(let text)): UUID(uuidString: text) != nil
      case ("time", .string(let text)): (try? Date(text, strategy: .iso8601)) != nil
      case ("number", .number): true
      case ("text", .string): true
      default: false
      }
    if !matches { differences.append("\(path) is \(TextDifference.json(actual)), not {{\(pattern)}}") }
    if parts.count == 2, case .string(let text) = actual { captured[parts[1]] = text }
  }
}
