/// The time by which a request must be answered.
package struct Deadline: Sendable {
  package let instant: ContinuousClock.Instant

  package init(after duration: Duration) { instant = ContinuousClock.now.advanced(by: duration) }

  private init(_ instant: ContinuousClock.Instant) { self.instant = instant }

  /// The remaining time; never negative.
  package var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

  package var isPast: Bool { remaining == .zero }

  /// A deadline that is earlier by `margin`, so that there is time for other work afterwards.
  package func leaving(_ margin: Duration) -> Deadline { Deadline(instant.advanced(by: .zero - margin)) }

  /// This deadline, but at most `duration` from now.
  package func capped(at duration: Duration) -> Deadline {
    Deadline(min(instant, ContinuousClock.now.advanced(by: duration)))
  }
}

extension Duration {
  /// Whole milliseconds, rounded down.
  package var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
