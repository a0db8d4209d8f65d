import Contract
import FoundationEssentials
package import Invoking
import JSONValues

/// Sends the events of fixture cases to functions, one after the other, and compares the responses.
///
/// A value that matched a named pattern such as `{{uuid:report}}` is inserted into later events for `{{report}}`.
package struct Replayer: Sendable {
  private let makeInvoker: @Sendable ([String: String]) -> any Invoker
  /// The URL of the sample site, with a slash at its end.
  private let site: String
  private let isUpdating: Bool
  private var captured: [String: String] = [:]

  /// - Parameters:
  ///   - isUpdating: whether responses that differ replace the expected ones.
  ///   - makeInvoker: makes the invoker for one case from the environment variables that the case needs.
  package init(
    site: String, isUpdating: Bool, makeInvoker: @escaping @Sendable ([String: String]) -> any Invoker
  ) {
    self.site = site
    self.isUpdating = isUpdating
    self.makeInvoker = makeInvoker
  }

  /// Invokes the case's function with its event.
  ///
  /// - Returns: one line for each difference.
  package mutating func replay(_ fixture: FixtureCase) async throws -> [String] {
    guard let event = try? Data(contentsOf: URL(filePath: fixture.eventPath)) else {
      return ["\(fixture.eventPath) cannot be read"]
    }
    let actual: JSONValue
    do {
      let invoker = makeInvoker(environment(of: fixture))
      switch try await invoker.invoke(fixture.function, input: filled(Array(event)), onLogLine: { _ in }) {
      case .response(let response): actual = JSONValue(response)
      case .other(let output): actual = try JSON.decode(JSONValue.self, from: output)
      }
    } catch let error as InvocationError {
      if case .notStarted = error.cause { throw error }
      return [error.description]
    }
    let old = (try? Data(contentsOf: URL(filePath: fixture.expectedPath))).map(Array.init)
    let expected = old.flatMap { try? JSON.decode(JSONValue.self, from: filled($0)) }
    guard expected != nil || isUpdating else {
      return ["\(fixture.expectedPath) is \(old == nil ? "missing" : "not JSON"); --update writes it"]
    }
    var matcher = Matcher()
    if let expected { matcher.compare(actual, with: expected) }
    // A file without differences is not written again, because that would replace its patterns.
    if isUpdating, expected == nil || !matcher.differences.isEmpty {
      let pattern = actual.generalized(site: site)
        .keepingPatterns(of: old.flatMap { try? JSON.decode(JSONValue.self, from: $0) })
      let text = try JSON.encode(pattern, pretty: true) + [0x0a]
      try Data(text).write(to: URL(filePath: fixture.expectedPath))
      matcher = Matcher()
      matcher.compare(actual, with: try JSON.decode(JSONValue.self, from: filled(text)))
    }
    captured.merge(matcher.captured) { $1 }
    return matcher.differences
  }

  /// The variables of the case's `.env` file, and access to the sample site.
  private func environment(of fixture: FixtureCase) -> [String: String] {
    let port = site.split(separator: ":").last?.filter(\.isNumber) ?? ""
    var environment = ["FETCH_ALLOW_NETWORKS": "127.0.0.1/32:\(port)"]
    let text = try? String(contentsOf: URL(filePath: fixture.environmentPath), encoding: .utf8)
    for line in (text ?? "").split(separator: "\n") where line.contains("=") {
      let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      environment[String(halves[0])] = filled(String(halves[1]))
    }
    return environment
  }

  private func filled(_ bytes: [UInt8]) -> [UInt8] {
    guard let text = String(validating: bytes, as: UTF8.self) else { return bytes }
    return Array(filled(text).utf8)
  }

  /// Replaces `{{site}}` by the site's address, and the names of captured values by the values.
  private func filled(_ text: String) -> String {
    var text = text.replacing("{{site}}", with: site.dropLast())
    for (name, value) in captured { text = text.replacing("{{\(name)}}", with: value) }
    return text
  }
}
