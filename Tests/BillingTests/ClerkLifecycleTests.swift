import Accounts
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import Billing

/// Users' and organisations' lives, told in any order and more than once.
@Suite(.serialized) struct ClerkLifecycleTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(500))

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  /// What must come of a life.
  private struct End: Equatable {
    var email: String?
    var isErased = false
  }

  private struct Life {
    let name: String
    let events: [(delivery: ClerkDelivery, change: Change)]

    enum Change {
      case present(String?)
      case deleted
    }

    /// The plain model: everything once, in the order in which it happened.
    var end: End { Self.applied(events.map(\.change)) }

    /// Applied as it comes: the later overwrites the earlier.
    static func applied(_ changes: [Change]) -> End {
      changes.reduce(into: End()) { end, change in
        switch change {
        case .present(let email): end = End(email: email)
        case .deleted: end = End(isErased: true)
        }
      }
    }

    init(_ number: Int, using generator: inout Seeded) {
      let isOrganization = number.isMultiple(of: 5)
      let name = "\(isOrganization ? "org" : "user")_\(number)"
      self.name = name
      var events: [(ClerkDelivery, Change)] = []
      var time = 1_654_012_591_000
      for step in 0..<Int.random(in: 1...5, using: &generator) {
        let email =
          isOrganization || Int.random(in: 0..<6, using: &generator) == 0
          ? nil : "ada\(Int.random(in: 0..<4, using: &generator))@example.com"
        let verb = step == 0 ? "created" : "updated"
        let id = "msg_\(number)_\(step)"
        events.append(
          (
            isOrganization
              ? .organization(name, at: time, id: id, type: "organization.\(verb)")
              : .user(name, email, at: time, id: id, type: "user.\(verb)"),
            .present(email)
          ))
        time += Int.random(in: 1...3, using: &generator)
      }
      if Int.random(in: 0..<2, using: &generator) == 0 {
        events.append((.deleted(name, id: "msg_\(number)_deleted"), .deleted))
      }
      self.events = events
    }
  }

  @Test func everyOrderEndsWhereThePlainModelDoes() async throws {
    let (url, soon) = (url, soon)
    let database = Database(url: url)
    var generator = Seeded(state: 5)
    let lives = (0..<300).map { Life($0, using: &generator) }
    var deliveries: [(life: Int, delivery: ClerkDelivery, change: Life.Change)] = []
    for (number, life) in lives.enumerated() {
      for (delivery, change) in life.events {
        // A retry has the same id; the same told once more has another.
        for copy in 0..<Int.random(in: 1...3, using: &generator) {
          deliveries.append(
            (
              number,
              ClerkDelivery(id: delivery.id + (copy == 2 ? "_again" : ""), type: delivery.type, data: delivery.data),
              change
            ))
        }
      }
    }
    deliveries.shuffle(using: &generator)
    let shuffled = deliveries.map(\.delivery)
    let outcomes = await Threads.run(8) { sender -> [String] in
      let clerk = ClerkDeliverer(url: url)
      return stride(from: sender, to: shuffled.count, by: 8).map { number in
        do { return try clerk.take(shuffled[number], by: soon) } catch { return "\(error)" }
      }
    }.joined()
    #expect(Set(outcomes) == ["applied", "duplicate", "erased"])

    // What is older than everything that was told changes nothing, and says whether the subject was erased.
    var ends: [End] = []
    for life in lives {
      let subject = try TokenSubject(
        life.name.hasPrefix("org") ? .organization : .user, issuer: ClerkDeliverer.issuer, name: life.name)
      let row = try database.transaction(by: soon) { transaction in
        let news = try Accounts.learn(subject, email: nil, asOf: 0, by: "test", in: &transaction)
        #expect(news != .applied, "\(life.name) was never told")
        return news == .erased
      }
      let email =
        try database.rows(
          "SELECT email FROM accounts JOIN account_identities USING (account_id) WHERE subject = \("\(subject.kind.rawValue) \(ClerkDeliverer.issuer) \(life.name)")",
          as: String?.self, by: soon
        ).first ?? nil
      ends.append(End(email: email, isErased: row))
    }
    #expect(zip(lives, ends).filter { $0.end != $1 }.map { "\($0.name): \($1) instead of \($0.end)" }.prefix(5) == [])
    #expect(try database.rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [300])
    let erased = lives.count { $0.end.isErased }
    #expect(
      try database.rows("SELECT count(*) FROM audit_log WHERE action = 'account_erased'", as: Int.self, by: soon) == [
        erased
      ])
    #expect(erased > 100 && erased < 200)

    // Negative control: what takes them as they come is wrong about many.
    let naive = lives.indices.count { number in
      Life.applied(deliveries.filter { $0.life == number }.map(\.change)) != lives[number].end
    }
    #expect(naive > 50, "\(naive)")
  }
}
