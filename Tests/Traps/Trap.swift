import Testing

/// An entry of site.txt: a page or file of the site of traps, with the expected result.
struct Trap: Sendable, CustomTestStringConvertible {
  let path: String
  private var values: [String: String] = [:]
  private(set) var headers: [String] = []
  private(set) var heads: [String] = []
  private(set) var texts: [String] = []
  private(set) var body: String?

  /// The value of a line such as `title:`, or nil if the entry has no such line.
  subscript(key: String) -> String? { values[key] }

  var summary: String { values["what"] ?? "" }
  var testDescription: String { "\(path): \(summary)" }
  /// The paths of the pages that link to it, or `navigation` and `footer`.
  var places: [Substring] { values["from"]?.split(separator: " ") ?? [] }

  /// The expected result of an analysis for this entry.
  enum Outcome: Equatable {
    case linked, optional, notLinked, notRequested, file
    /// Excluded from the report for this reason.
    case excluded(String)
    /// Requested at least once and at most this many times.
    case requestedAtMost(Int)
  }

  /// The outcome of the line `becomes:`; nil if it is missing or unknown.
  var expectedOutcome: Outcome? {
    switch values["becomes"] {
    case "linked": .linked
    case "optional": .optional
    case "not linked": .notLinked
    case "not requested": .notRequested
    case "file": .file
    case let text? where text.hasPrefix("excluded "): .excluded(String(text.dropFirst("excluded ".count)))
    case let text? where text.hasPrefix("at most "):
      text.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }.map { .requestedAtMost($0) }
    default: nil
    }
  }

  /// Parses site.txt.
  static func parse(_ text: String) -> [Trap] {
    var traps: [Trap] = []
    var isBody = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@ ") {
        traps.append(Trap(path: String(line.dropFirst(2))))
        isBody = false
      } else if isBody, line.hasPrefix("  ") {
        let body = traps[traps.count - 1].body ?? ""
        traps[traps.count - 1].body = (body.isEmpty ? "" : body + "\n") + line.dropFirst(2)
      } else if !traps.isEmpty, !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") {
        let value = String(line[line.index(after: colon)...].drop { $0 == " " })
        isBody = line[..<colon] == "body"
        switch line[..<colon] {
        case "body": traps[traps.count - 1].body = ""
        case "header": traps[traps.count - 1].headers.append(value)
        case "head": traps[traps.count - 1].heads.append(value)
        case "text": traps[traps.count - 1].texts.append(value)
        default: traps[traps.count - 1].values[String(line[..<colon])] = value
        }
      }
    }
    return traps
  }

  private init(path: String) { self.path = path }
}
