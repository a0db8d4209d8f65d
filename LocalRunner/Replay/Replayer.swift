import Contract
import FoundationEssentials

/// Sends fixtures to functions one after the other, and carries what they made from one to the next.
struct Replayer: Sendable {
  let functions: FunctionProcess
  /// Where the sample site is served.
  let site: String
  let isUpdating: Bool
  private var captured: [String: String] = [:]

  init(functions: FunctionProcess, site: String, isUpdating: Bool) {
    self.functions = functions
    self.site = site
    self.isUpdating = isUpdating
  }

  /// Invokes the case's function.
  ///
  /// - Returns: what differs, a line each.
  mutating func replay(_ fixture: FixtureCase) throws -> [String] {
    guard let event = try? Data(contentsOf: URL(filePath: fixture.eventPath)) else {
      return ["\(fixture.eventPath) cannot be read"]
    }
    var functions = functions
    functions.environment["FETCH_ALLOW_NETWORKS"] = Self.network(of: site)
    if let text = try? String(contentsOf: URL(filePath: fixture.environmentPath), encoding: .utf8) {
      for line in text.split(separator: "\n") where line.contains("=") {
        let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        functions.environment[String(halves[0])] = filled(String(halves[1]))
      }
    }
    let actual: JSONValue
    switch try functions.invoke(fixture.function, input: fill(Array(event)), onLogLine: { _ in }) {
    case .response(let response): actual = JSONValue(response)
    case .other(let output): actual = try JSON.decode(JSONValue.self, from: output)
    case .crashed(let status): return ["crashed with status \(status)"]
    case .timedOut: return ["did not answer in time"]
    }
    let old = (try? Data(contentsOf: URL(filePath: fixture.expectedPath))).map(Array.init)
    let expected = old.flatMap { try? JSON.decode(JSONValue.self, from: fill($0)) }
    guard expected != nil || isUpdating else {
      return ["\(fixture.expectedPath) is \(old == nil ? "missing" : "no JSON"); --update writes it"]
    }
    var matcher = Matcher()
    if let expected { matcher.compare(actual, with: expected, at: "") }
    // What is as expected keeps the patterns that somebody wrote.
    if isUpdating, expected == nil || !matcher.differences.isEmpty {
      let pattern = actual.generalized(site: site).named(as: old.flatMap { try? JSON.decode(JSONValue.self, from: $0) })
      try Data(JSON.encode(pattern, pretty: true) + [0x0a]).write(to: URL(filePath: fixture.expectedPath))
      // What it names is there for later events.
      matcher = Matcher()
      matcher.compare(actual, with: pattern, at: "")
    }
    captured.merge(matcher.captured) { $1 }
    return matcher.differences
  }

  /// Puts the site's address and what earlier cases kept in place of their names.
  private func fill(_ bytes: [UInt8]) -> [UInt8] {
    guard let text = String(validating: bytes, as: UTF8.self) else { return bytes }
    return Array(filled(text).utf8)
  }

  private func filled(_ text: String) -> String {
    var text = text.replacing("{{site}}", with: site.dropLast())
    for (name, value) in captured { text = text.replacing("{{\(name)}}", with: value) }
    return text
  }

  private static func network(of site: String) -> String {
    let port = site.split(separator: ":").last?.filter(\.isNumber) ?? ""
    return "127.0.0.1/32:\(port)"
  }
}
