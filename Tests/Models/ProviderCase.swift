import Testing

/// A behaviour of the fake provider, and the expected result of an analysis with it.
struct ProviderCase: Sendable, CustomTestStringConvertible {
  enum Result: Sendable {
    /// The model scored the pages and arranged the sections, with this number of attempts.
    case complete(calls: Int)
    /// All scores come from the heuristics, and the report has this reason.
    case heuristic(reason: String, calls: Int)
    /// The model scored the pages, but its sections were rejected for this reason.
    case scored(reason: String, calls: Int)
  }

  enum Charge: Sendable { case nothing, something }

  let behaviour: String
  let result: Result
  let charge: Charge
  var dialects = ["openai", "anthropic"]
  /// The time limit of the invocation. It is short if the provider does not answer, because the test waits for it.
  var seconds = 60.0

  var testDescription: String { behaviour }

  static let all: [ProviderCase] = [
    ProviderCase(behaviour: "good", result: .complete(calls: 2), charge: .something),
    // Connections.
    ProviderCase(behaviour: "hang", result: .heuristic(reason: "timed_out", calls: 1), charge: .nothing, seconds: 18),
    ProviderCase(
      behaviour: "slow-body", result: .heuristic(reason: "timed_out", calls: 1), charge: .nothing, dialects: ["openai"],
      seconds: 18),
    ProviderCase(behaviour: "cut-off", result: .heuristic(reason: "unreachable", calls: 3), charge: .nothing),
    ProviderCase(behaviour: "empty", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "huge", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "redirect", result: .heuristic(reason: "refused_307", calls: 1), charge: .nothing),
    // The body is a valid answer in spite of its content type.
    ProviderCase(behaviour: "html-type", result: .complete(calls: 2), charge: .something, dialects: ["openai"]),
    // Token counts.
    ProviderCase(behaviour: "usage-negative", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "usage-int-max", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "usage-overflow", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "usage-strings", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "usage-missing", result: .complete(calls: 2), charge: .something),
    // Errors.
    ProviderCase(behaviour: "busy", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "busy-date", result: .complete(calls: 4), charge: .something, dialects: ["openai"]),
    ProviderCase(behaviour: "busy-long", result: .heuristic(reason: "refused_429", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "fails-once", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "fails", result: .heuristic(reason: "refused_500", calls: 3), charge: .nothing),
    ProviderCase(behaviour: "echo-key", result: .heuristic(reason: "refused_401", calls: 1), charge: .nothing),
    // Answers.
    ProviderCase(behaviour: "prose", result: .heuristic(reason: "mismatched", calls: 2), charge: .something),
    ProviderCase(behaviour: "repaired", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "fenced", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "not-json", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "declines", result: .heuristic(reason: "declined", calls: 1), charge: .something),
    ProviderCase(behaviour: "too-long", result: .heuristic(reason: "truncated", calls: 1), charge: .something),
    ProviderCase(behaviour: "invented", result: .heuristic(reason: "mismatched", calls: 2), charge: .something),
    ProviderCase(
      behaviour: "duplicated", result: .heuristic(reason: "mismatched", calls: 2), charge: .something,
      dialects: ["openai"]
    ),
    ProviderCase(
      behaviour: "missing", result: .heuristic(reason: "mismatched", calls: 2), charge: .something, dialects: ["openai"]
    ),
    ProviderCase(behaviour: "injected", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "injected-lines", result: .complete(calls: 2), charge: .something, dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-names", result: .scored(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-optional", result: .scored(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-orders", result: .scored(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
  ]
}
