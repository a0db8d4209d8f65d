import Contract
import FoundationEssentials
package import Invoking
import JSONValues

/// Sends the events of fixture cases to functions, one after the other, and compares the responses.
///
/// A value that matched a named pattern such as `{{uuid:report}}` is inserted into later events for `{{report}}`.
package struct Replayer: Sendable {
  package enum Update: Sendable {
    case never
    /// Writes responses that differ, except errors in place of successes.
    case successes
    case always
  }

  package enum Outcome: Sendable, Equatable {
    case same
    /// The expected response was replaced, with the lines that describe the change.
    case updated([String])
    case different([String])
  }

  private let makeInvoker: @Sendable ([String: String]) -> any Invoker
  private let sites: [String: String]
  private let update: Update
  private var captured: [String: String] = [:]

  /// - Parameters:
  ///   - sites: the URLs of the sample sites, which end with a slash, by names such as `site` and `site:shop`.
  ///   - update: whether responses that differ replace the expected ones.
  ///   - makeInvoker: makes the invoker for one case from the environment variables that the case needs.
  package init(
    sites: [String: String], update: Update, makeInvoker: @escaping @Sendable ([String: String]) -> any Invoker
  ) {
    self.sites = sites
    self.update = update
    self.makeInvoker = makeInvoker
  }

  /// Invokes the case's function with its event, and compares the response with the expected one.
  ///
  /// The expected response of a case that was not selected is never replaced.
  package mutating func replay(_ step: ReplayPlan.Step) async throws -> Outcome {
    let fixture = step.fixture
    guard let event = try? String(contentsOf: URL(filePath: fixture.eventPath), encoding: .utf8) else {
      return .different(["\(fixture.eventPath) is missing or not UTF-8"])
    }
    let environment = environment(of: fixture)
    let input = filled(event)
    let unresolved = Placeholder.all(in: input + environment.values.sorted().joined(separator: "\n"))
    guard unresolved.isEmpty else { return .different(Set(unresolved).sorted().map(Self.unresolved)) }
    do {
      let invoker = makeInvoker(environment)
      switch try await invoker.invoke(fixture.function, input: Array(input.utf8), onLogLine: { _ in }) {
      case .response(let response): return try compare(JSONValue(response), step)
      case .other(let output): return try compare(JSON.decode(JSONValue.self, from: output), step)
      }
    } catch let error as InvocationError {
      if case .notStarted = error.cause { throw error }
      return .different([error.description])
    }
  }

  private static func unresolved(_ name: Substring) -> String {
    name.hasPrefix("site")
      ? "the sample site {{\(name)}} does not exist"
      : "{{\(name)}} has no value; the expected response of an earlier case must store it with {{uuid:\(name)}}"
  }

  private mutating func compare(_ actual: JSONValue, _ step: ReplayPlan.Step) throws -> Outcome {
    let path = step.fixture.expectedPath
    let old = (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    let expected = old.flatMap { try? JSON.decode(JSONValue.self, from: Array(filled($0).utf8)) }
    let isWritable = update != .never && step.isSelected
    guard expected != nil || isWritable else {
      return .different(["\(path) is \(old == nil ? "missing" : "not JSON"); --update writes it"])
    }
    var matcher = Matcher()
    if let expected { matcher.compare(actual, with: expected) }
    let differences = expected == nil ? ["\(path) is new"] : matcher.differences
    // A file without differences is not written again, because that would replace its patterns.
    guard isWritable, !differences.isEmpty else {
      captured.merge(matcher.captured) { $1 }
      return differences.isEmpty ? .same : .different(differences)
    }
    if update != .always, let before = expected?.status, let after = actual.status, before < 400, after >= 400 {
      return .different(differences + ["not updated, because an error would replace a success; --force writes it"])
    }
    let pattern = actual.generalized(sites: sites)
      .keepingPatterns(of: old.flatMap { try? JSON.decode(JSONValue.self, from: Array($0.utf8)) })
    let text = try JSON.encode(pattern, pretty: true) + [0x0a]
    try Data(text).write(to: URL(filePath: path))
    var check = Matcher()
    check.compare(
      actual, with: try JSON.decode(JSONValue.self, from: Array(filled(String(decoding: text, as: UTF8.self)).utf8)))
    captured.merge(check.captured) { $1 }
    return check.differences.isEmpty ? .updated(differences) : .different(check.differences)
  }

  /// The variables of the case's `.env` file, and access to the sample sites.
  private func environment(of fixture: FixtureCase) -> [String: String] {
    let networks = sites.values.map { "127.0.0.1/32:\($0.split(separator: ":").last?.filter(\.isNumber) ?? "")" }
    var environment = ["FETCH_ALLOW_NETWORKS": networks.sorted().joined(separator: ",")]
    let text = try? String(contentsOf: URL(filePath: fixture.environmentPath), encoding: .utf8)
    for line in (text ?? "").split(separator: "\n") where line.contains("=") {
      let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      environment[String(halves[0])] = filled(String(halves[1]))
    }
    return environment
  }

  /// Replaces `{{site}}` by the site's address, and the names of captured values by the values.
  private func filled(_ text: String) -> String {
    var text = text
    for (name, url) in sites { text = text.replacing("{{\(name)}}", with: url.dropLast()) }
    for (name, value) in captured { text = text.replacing("{{\(name)}}", with: value) }
    return text
  }
}

extension JSONValue {
  /// The status code of a response.
  fileprivate var status: Int? {
    guard case .number(let status) = self["statusCode"] else { return nil }
    return Int(status)
  }
}
