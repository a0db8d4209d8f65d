import Testing

/// An entry of site.txt: a page or file, what is wrong with it, and what must become of it.
struct Trap: Sendable, CustomTestStringConvertible {
  let path: String
  private var values: [String: String] = [:]
  private(set) var headers: [String] = []
  private(set) var heads: [String] = []
  private(set) var texts: [String] = []
  private(set) var body: String?

  subscript(key: String) -> String? { values[key] }

  var what: String { values["what"] ?? "" }
  var testDescription: String { "\(path): \(what)" }
  var places: [Substring] { values["from"]?.split(separator: " ") ?? [] }

  enum Fate: Equatable {
    case linked, optional, notLinked, notAskedFor, file
    case leftOut(String)
    /// Read so many times at most, and then no more.
    case cut(after: Int)
  }

  /// nil where the entry says none that there is.
  var fate: Fate? {
    switch values["becomes"] {
    case "linked": .linked
    case "optional": .optional
    case "not linked": .notLinked
    case "not asked for": .notAskedFor
    case "file": .file
    case let text? where text.hasPrefix("left out "): .leftOut(String(text.dropFirst(9)))
    case let text? where text.hasPrefix("cut after "): Int(text.dropFirst(10)).map { .cut(after: $0) }
    default: nil
    }
  }

  static func read(_ text: String) -> [Trap] {
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
