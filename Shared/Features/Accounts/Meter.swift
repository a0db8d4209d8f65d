/// A daily limit on a resource, counted per account from midnight to midnight UTC.
///
/// Features declare their own meters:
///
/// ```swift
/// extension Meter {
///   static let scans = Meter("scans") {
///     $0.plan.scansPerDay
///   } exhausted: {
///     "the plan's \($0) scans a day are used up"
///   }
/// }
/// ```
package struct Meter: Sendable, Hashable {
  package enum Scope: Sendable {
    /// Counted on the account itself.
    case account
    /// Counted on the account of the client's network, for all Free accounts of that network together.
    case network
  }

  /// The name in the database, in answers and in the usage history.
  package let name: String
  package let scope: Scope
  /// The limit per day; nil if the account's use is not counted.
  package let limit: @Sendable (Account) -> Int?
  /// The sentence that reports that a limit is used up.
  package let exhausted: @Sendable (_ limit: Int) -> String

  package init(
    _ name: String, scope: Scope = .account, limit: @escaping @Sendable (Account) -> Int?,
    exhausted: @escaping @Sendable (Int) -> String
  ) {
    self.name = name
    self.scope = scope
    self.limit = limit
    self.exhausted = exhausted
  }

  package static func == (a: Meter, b: Meter) -> Bool { a.name == b.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
