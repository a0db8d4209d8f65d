import FoundationEssentials

/// A reservation against a meter. It counts as used until it is settled, released or expires.
package struct MeterHold: Sendable, Hashable, Codable {
  let id: UUID
  let accountID: UUID
  /// The meter's name.
  let meter: String
  /// Midnight UTC of the day on which the hold counts, even if it is settled on another day.
  let day: Date
  /// In the meter's unit.
  package let amount: Int
}

/// The error of settling a hold that has expired or ended. The result of its work must not be stored.
package struct HoldLost: Error, Sendable, Equatable {
  package init() {}
}
