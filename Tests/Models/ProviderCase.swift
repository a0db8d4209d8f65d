import Testing

/// How a provider behaves, and what must come of it.
struct ProviderCase: Sendable, CustomTestStringConvertible {
  enum Result: Sendable {
    /// All was asked and answered, in so many attempts.
    case complete(calls: Int)
    /// Scores are the heuristics', and the report says why.
    case heuristic(reason: String, calls: Int)
    /// Pages were judged, but not arranged.
    case judged(reason: String, calls: Int)
  }

  enum Charge: Sendable { case nothing, something }

  let behaviour: String
  let result: Result
  let charge: Charge
  var dialects = ["openai", "anthropic"]
  /// Of the invocation; where the provider keeps silent, all of it is used.
  var seconds = 60.0

  var testDescription: String { behaviour }

  static let all: [ProviderCase] = [
    ProviderCase(behaviour: "good", result: .complete(calls: 2), charge: .something),
    // Connections.
    ProviderCase(behaviour: "hang", result: .heuristic(reason: "timed_out", calls: 1), charge: .nothing, seconds: 18),
    ProviderCase(
      behaviour: "drip", result: .heuristic(reason: "timed_out", calls: 1), charge: .nothing, dialects: ["openai"],
      seconds: 18),
    ProviderCase(behaviour: "cut", result: .heuristic(reason: "unreachable", calls: 3), charge: .nothing),
    ProviderCase(behaviour: "empty", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "huge", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "redirect", result: .heuristic(reason: "refused_307", calls: 1), charge: .nothing),
    // What it holds is an answer all the same.
    ProviderCase(behaviour: "typed", result: .complete(calls: 2), charge: .something, dialects: ["openai"]),
    // Counts.
    ProviderCase(behaviour: "lie-negative", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "lie-huge", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "lie-huger", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "lie-strings", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "lie-missing", result: .complete(calls: 2), charge: .something),
    // Refusals.
    ProviderCase(behaviour: "busy", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "busy-date", result: .complete(calls: 4), charge: .something, dialects: ["openai"]),
    ProviderCase(behaviour: "busy-long", result: .heuristic(reason: "refused_429", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "fails-once", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "fails", result: .heuristic(reason: "refused_500", calls: 3), charge: .nothing),
    ProviderCase(behaviour: "echo", result: .heuristic(reason: "refused_401", calls: 1), charge: .nothing),
    // Answers.
    ProviderCase(behaviour: "talk", result: .heuristic(reason: "mismatched", calls: 2), charge: .something),
    ProviderCase(behaviour: "mends", result: .complete(calls: 4), charge: .something),
    ProviderCase(behaviour: "fenced", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "not-json", result: .heuristic(reason: "malformed", calls: 1), charge: .nothing),
    ProviderCase(behaviour: "refuses", result: .heuristic(reason: "declined", calls: 1), charge: .something),
    ProviderCase(behaviour: "too-long", result: .heuristic(reason: "truncated", calls: 1), charge: .something),
    ProviderCase(behaviour: "invented", result: .heuristic(reason: "mismatched", calls: 2), charge: .something),
    ProviderCase(
      behaviour: "doubled", result: .heuristic(reason: "mismatched", calls: 2), charge: .something, dialects: ["openai"]
    ),
    ProviderCase(
      behaviour: "missing", result: .heuristic(reason: "mismatched", calls: 2), charge: .something, dialects: ["openai"]
    ),
    ProviderCase(behaviour: "injected", result: .complete(calls: 2), charge: .something),
    ProviderCase(behaviour: "injected-lines", result: .complete(calls: 2), charge: .something, dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-names", result: .judged(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-optional", result: .judged(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
    ProviderCase(
      behaviour: "injected-orders", result: .judged(reason: "mismatched", calls: 3), charge: .something,
      dialects: ["openai"]),
  ]
}
