import FoundationEssentials

extension Duration {
  /// Whole microseconds, rounded down: what PostgreSQL's timestamps count in.
  var microseconds: Int { Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000) }

  /// From one time to a later one; zero where it is not later.
  init(from start: Date, to end: Date) {
    self = .microseconds(max(0, Int((end.timeIntervalSince(start) * 1_000_000).rounded())))
  }
}
