/// A plan and its limits.
package enum Plan: String, Sendable, Codable, CaseIterable, Comparable {
  case free, coffee, growth, scale

  /// The better plan is the greater one.
  package static func < (a: Plan, b: Plan) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }

  /// Analyses a day, from midnight to midnight UTC.
  package var analysesPerDay: Int {
    switch self {
    case .free: 1
    case .coffee: 5
    case .growth: 20
    case .scale: 100
    }
  }

  /// The priority of queued jobs; a higher number is served first.
  var queuePriority: Int {
    switch self {
    case .free: -10
    case .coffee, .growth: 0
    case .scale: 10
    }
  }

  /// True if a language model may score pages.
  package var hasModelScoring: Bool { self != .free }

  /// The limit on the cost of model calls per day, in millionths of a dollar.
  package var modelMicrodollarsPerDay: Int {
    switch self {
    case .free: 0
    case .coffee: 100_000
    case .growth: 500_000
    case .scale: 2_000_000
    }
  }
}
