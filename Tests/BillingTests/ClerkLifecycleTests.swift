import Accounts
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Billing

/// Events of users and organisations that are delivered in any order and more than once.
@Suite(.serialized) struct ClerkLifecycleTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(500))

  init() throws {
    url = try TestDatabase.makeForBilling()
  }

  /// The expected state after all events of a subject.
  private struct End: Equatable {
    var email: String?
    var isErased = false
  }

  /// All events of one user or organisation, in the order in which they happened.
  private struct Life {
    let name: String
    let events: [Step]

    struct Step {
      let delivery: ClerkDelivery
      let change: Change
    }

    enum Change {
      case present(String?)
      case deleted
    }

    /// The model: each event is applied once, in order.
    var end: End { Self.applied(events.map(\.change)) }

    /// Applies changes without checks: each one replaces the state before it.
    static func applied(_ changes: [Change]) -> End {
      changes.reduce(into: End()) { end, change in
        switch change {
        case .present(let email): end = End(email: email)
        case .deleted: end = End(isErased: true)
        }
      }
    }

    init(_ number: Int, using generator: inout SeededGenerator) {
      let isOrganization = number.isMultiple(of: 5)
      let name = "\(isOrganization ? "org" : "user")_\(number)"
      self.name = name
      var events: [Step] = []
      var time = 1_654_012_591_000
      for step in 0..<Int.random(in: 1...5, using: &generator) {
        let email =
          isOrganization || Int.random(in: 0..<6, using: &generator) == 0
          ? nil : "ada\(Int.random(in: 0..<4, using: &generator))@example.com"
        let verb = step == 0 ? "created" : "updated"
        let id = "msg_\(number)_\(step)"
        let delivery =
          isOrganization
          ? ClerkDelivery.organization(name, at: time, id: id, type: "organization.\(verb)")
          : ClerkDelivery.user(name, email, at: time, id: id, type: "user.\(verb)")
        events.append(Step(delivery: delivery, change: .present(email)))
        time += Int.random(in: 1...3, using: &generator)
      }
      if Int.random(in: 0..<2, using: &generator) == 0 {
        events.append(Step(delivery: .deleted(name, id: "msg_\(number)_deleted"), change: .deleted))
      }
      self.events = events
    }
  }

  @Test func everyOrderOfEventsEndsLikeTheModel() async throws {
    let (url, soon) = (url, soon)
    let database = Database(url: url)
    var generator = SeededGenerator(state: 5)
    let lives = (0..<300).map { Life($0, using: &generator) }
    var deliveries: [(life: Int, step: Life.Step)] = []
    for (number, life) in lives.enumerated() {
      for step in life.events {
        // A retry has the same id; a repeated event about the same change has another id.
        for copy in 0..<Int.random(in: 1...3, using: &generator) {
          let id = step.delivery.id + (copy == 2 ? "_again" : "")
          let delivery = ClerkDelivery(id: id, type: step.delivery.type, data: step.delivery.data)
          deliveries.append((number, .init(delivery: delivery, change: step.change)))
        }
      }
    }
    deliveries.shuffle(using: &generator)
    let shuffled = deliveries.map(\.step.delivery)
    let outcomes = await Threads.run(8) { sender -> [String] in
      let clerk = ClerkDeliverer(url: url)
      return stride(from: sender, to: shuffled.count, by: 8).map { number in
        do { return try clerk.outcome(of: shuffled[number], by: soon) } catch { return "\(error)" }
      }
    }.joined()
    #expect(Set(outcomes) == ["applied", "duplicate", "erased"])

    let ends = try lives.map { try end(of: $0, in: database, by: soon) }
    let wrong = zip(lives, ends).filter { life, end in life.end != end }
    #expect(wrong.map { life, end in "\(life.name): \(end) instead of \(life.end)" }.prefix(5) == [])
    #expect(try database.rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [300])
    let erased = lives.count { $0.end.isErased }
    #expect(
      try database.rows("SELECT count(*) FROM audit_log WHERE action = 'account_erased'", as: Int.self, by: soon) == [
        erased
      ])
    #expect(erased > 100 && erased < 200)

    // Negative control: applying the events in the order of delivery gives many wrong results.
    let naive = lives.indices.count { number in
      Life.applied(deliveries.filter { $0.life == number }.map(\.step.change)) != lives[number].end
    }
    #expect(naive > 50, "\(naive)")
  }

  /// Returns the state of the account of a life's subject.
  private func end(of life: Life, in database: Database, by soon: ContinuousClock.Instant) throws -> End {
    let subject = try TokenSubject(
      life.name.hasPrefix("org") ? .organization : .user, issuer: ClerkDeliverer.issuer, name: life.name)
    // An update that is older than all events changes nothing, and returns whether the subject was erased.
    let isErased = try database.transaction(by: soon) { transaction in
      let change = try Accounts.update(subject, email: nil, asOf: 0, by: "test", in: &transaction)
      #expect(change != .applied, "no event of \(life.name) was applied")
      return change == .erased
    }
    let emails = try database.rows(
      """
      SELECT email FROM accounts JOIN account_identities USING (account_id)
      WHERE subject = \("\(subject.kind.rawValue) \(ClerkDeliverer.issuer) \(life.name)")
      """, as: String?.self, by: soon)
    return End(email: emails.first ?? nil, isErased: isErased)
  }
}
