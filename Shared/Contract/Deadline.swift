/// The moment by which an answer must be there, as it came with the invocation.
package struct Deadline: Sendable {
  package let instant: ContinuousClock.Instant

  package init(after duration: Duration) { instant = ContinuousClock.now.advanced(by: duration) }

  private init(_ instant: ContinuousClock.Instant) { self.instant = instant }

  /// What is left; never negative.
  package var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

  package var isPast: Bool { remaining == .zero }

  /// An earlier deadline that leaves `margin` for what must still be done after it.
  package func leaving(_ margin: Duration) -> Deadline { Deadline(instant.advanced(by: .zero - margin)) }

  /// The earlier of this deadline and one that long from now.
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
