extension Duration {
  /// Whole milliseconds, rounded down; a day at most, which is longer than any statement and fits every timeout.
  var milliseconds: Int64 {
    min(components.seconds, 86_400) * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
