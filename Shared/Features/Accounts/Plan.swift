/// What an account may do, and what it costs: the one table of it.
package enum Plan: String, Sendable, Codable, CaseIterable {
  case free, coffee, growth, scale

  /// The best of some plans' names; free where there is none.
  package static func greatest(of names: [String]) -> Plan {
    allCases.last { names.contains($0.rawValue) } ?? .free
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

  /// Which queued work goes first: the greater.
  var queuePriority: Int {
    switch self {
    case .free: -10
    case .coffee, .growth: 0
    case .scale: 10
    }
  }

  /// Whether a language model scores pages.
  package var hasModelScoring: Bool { self != .free }

  /// What model calls may cost a day, in millionths of a dollar.
  package var modelMicrodollarsPerDay: Int {
    switch self {
    case .free: 0
    case .coffee: 100_000
    case .growth: 500_000
    case .scale: 2_000_000
    }
  }
}
