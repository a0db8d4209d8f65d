extension Duration {
  /// Whole microseconds, rounded down. PostgreSQL stores timestamps and intervals in this unit.
  package var microseconds: Int {
    Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
  }

  /// Whole milliseconds, rounded down and at most a day, so that the value fits every timeout setting.
  var timeoutMilliseconds: Int { min(self, .seconds(86_400)).microseconds / 1000 }
}
