import FoundationEssentials

/// What is promised to an operation under way: it counts, until it is released or expires.
package struct Hold: Sendable, Hashable, Codable {
  let id: UUID
  let accountID: UUID
  let meter: Meter
  /// Midnight UTC of the day that it counts on, whenever it is settled.
  let day: Date
  /// In the meter's unit.
  let amount: Int
}

/// A hold was over, expired or ended otherwise, when it was to be settled: what it was for must not count.
package struct HoldLost: Error, Sendable, Equatable {
  package init() {}
}
