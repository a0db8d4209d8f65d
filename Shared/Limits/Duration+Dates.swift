import FoundationEssentials

extension Duration {
  /// The time from `start` to `end`, or zero if `end` is not later.
  init(from start: Date, to end: Date) {
    self = .microseconds(max(0, Int((end.timeIntervalSince(start) * 1_000_000).rounded())))
  }
}
