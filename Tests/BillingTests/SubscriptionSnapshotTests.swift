import Accounts
import Testing

@testable import Billing

@Suite("Decisions between the stored and a reported state of a subscription")
struct SubscriptionSnapshotTests {
  private typealias Decision = SubscriptionSnapshot.Decision

  private static func state(
    _ status: String, _ plan: Plan = .growth, isPaused: Bool = false, at time: Int, isFetched: Bool = false
  ) -> SubscriptionSnapshot {
    SubscriptionSnapshot(plan: plan, status: status, isPaused: isPaused, asOf: time, isFetched: isFetched)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stored: SubscriptionSnapshot
    let reported: SubscriptionSnapshot
    let decision: SubscriptionSnapshot.Decision

    init(
      _ description: String, _ stored: SubscriptionSnapshot, _ reported: SubscriptionSnapshot,
      _ decision: SubscriptionSnapshot.Decision
    ) {
      testDescription = description
      self.stored = stored
      self.reported = reported
      self.decision = decision
    }
  }

  static let cases = [
    Case("same state, later", state("active", at: 1), state("active", at: 2), .keep),
    Case("same state, fetched earlier", state("active", at: 2), state("active", at: 1, isFetched: true), .keep),
    Case("later status", state("active", at: 1), state("past_due", at: 2), .replace),
    Case("later plan", state("active", at: 1), state("active", .scale, at: 2), .replace),
    Case("later pause", state("active", at: 1), state("active", isPaused: true, at: 2), .replace),
    Case("earlier status", state("past_due", at: 2), state("active", at: 1), .keep),
    Case("earlier cancellation", state("active", at: 2), state("canceled", at: 1), .replace),
    Case("expiry in the same second", state("incomplete", at: 1), state("incomplete_expired", at: 1), .replace),
    Case("later status after cancellation", state("canceled", at: 1), state("active", at: 2), .keep),
    Case("fetched status after cancellation", state("canceled", at: 1), state("active", at: 1, isFetched: true), .keep),
    Case("fetched later", state("active", at: 1), state("past_due", at: 2, isFetched: true), .replace),
    Case("fetched in the same second", state("active", at: 2), state("past_due", at: 2, isFetched: true), .fetchAgain),
    Case("fetched earlier", state("active", at: 2), state("past_due", at: 1, isFetched: true), .fetchAgain),
    Case("fetched earlier, cancelled", state("active", at: 2), state("canceled", at: 1, isFetched: true), .replace),
    Case(
      "further status in the same second", state("active", at: 1), state("past_due", at: 1),
      .ambiguous(replaces: true)),
    Case(
      "preceding status in the same second", state("past_due", at: 1), state("active", at: 1),
      .ambiguous(replaces: false)),
    Case(
      "greater plan in the same second", state("active", at: 1), state("active", .scale, at: 1),
      .ambiguous(replaces: true)),
    Case(
      "lesser plan in the same second", state("active", .scale, at: 1), state("active", at: 1),
      .ambiguous(replaces: false)),
    Case(
      "pause in the same second", state("active", at: 1), state("active", isPaused: true, at: 1),
      .ambiguous(replaces: true)),
    Case(
      "end of a pause in the same second", state("active", isPaused: true, at: 1), state("active", at: 1),
      .ambiguous(replaces: false)),
    Case(
      "same second as a fetched state", state("active", at: 1, isFetched: true), state("past_due", at: 1),
      .ambiguous(replaces: false)),
    Case(
      "unknown status in the same second", state("active", at: 1), state("new_status", at: 1),
      .ambiguous(replaces: false)),
  ]

  @Test(arguments: cases) func decision(_ row: Case) {
    #expect(SubscriptionSnapshot.decide(stored: row.stored, reported: row.reported) == row.decision)
  }

  @Test("Two events end with the same stored state in both orders", arguments: cases)
  func order(_ row: Case) {
    guard !row.stored.isFetched, !row.reported.isFetched else { return }
    func applied(_ first: SubscriptionSnapshot, _ second: SubscriptionSnapshot) -> SubscriptionSnapshot {
      switch SubscriptionSnapshot.decide(stored: first, reported: second) {
      case .replace, .ambiguous(replaces: true): second
      case .keep, .ambiguous(replaces: false), .fetchAgain: first
      }
    }
    let (forward, backward) = (applied(row.stored, row.reported), applied(row.reported, row.stored))
    #expect(forward.status == backward.status && forward.plan == backward.plan)
    #expect(forward.isPaused == backward.isPaused)
  }
}
