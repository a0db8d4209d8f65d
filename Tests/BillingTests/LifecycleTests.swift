import Accounts
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Stripe events of many buyers that are shuffled, repeated and delivered concurrently, compared with a model.
@Suite(.serialized) struct LifecycleTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(3_000))

  init() throws {
    url = try TestDatabase.makeForBilling()
  }

  /// How events are applied: like `webhook`, or in a way that only looks correct.
  enum Policy: Sendable {
    case asShipped
    /// Only event ids are compared, so two events about one session count as two payments.
    case onlyEventIDs
    /// Events of the same second as the stored state are skipped.
    case strictlyLater
    /// The response is sent before the commit, so failed commits are lost.
    case answeredBeforeCommit
  }

  @Test func everyOrderOfEventsEndsLikeTheModel() async throws {
    let (wrong, stories) = try await run(Products.isLongRun ? 1_000 : 350, .asShipped)
    #expect(wrong.prefix(5) == [])
    #expect(wrong.count == 0)
    #expect(
      stories.contains { $0.isAmbiguous } && stories.contains { $0.subscribed.count == 2 }
        && stories.contains { $0.credits > 500 })
    let doubled = try Database(url: url).rows(
      """
      SELECT count(*) FROM (
        SELECT 1 FROM credit_entries WHERE kind = 'purchase' GROUP BY account_id, key HAVING count(*) > 1) AS d
      """, as: Int.self, by: soon)
    #expect(doubled == [0])
  }

  /// Negative controls: the same events and the same comparison must find errors.
  @Test(arguments: [Policy.onlyEventIDs, .strictlyLater, .answeredBeforeCommit])
  func naiveWebhooksFailTheComparison(policy: Policy) async throws {
    #expect(try await run(150, policy).wrong.count > 0)
  }

  /// Delivers the shuffled events of many stories with 8 senders, each event one to five times with up to three ids. One
  /// commit in fifty fails.
  ///
  /// - Returns: the differences from the model.
  private func run(_ count: Int, _ policy: Policy) async throws -> (wrong: [String], stories: [StripeStory]) {
    let (url, soon) = (url, soon)
    let database = Database(url: url)
    try database.execute(
      """
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF random() < \(unsafeSQL: policy == .answeredBeforeCommit ? "0.2" : "0.02")
          THEN RAISE EXCEPTION 'injected failure'; END IF; RETURN new; END $$
      """, by: soon)
    try database.execute(
      """
      CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON webhook_events DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION fail()
      """, by: soon)
    let stories = (0..<count).map { StripeStory($0, seed: 7, account: UUID()) }
    var deliveries: [Delivery] = []
    var generator = SeededGenerator(state: 11)
    for story in stories {
      try story.store(database, by: soon)
      for (index, event) in story.events.enumerated() {
        let isThin = Self.hasThinEvents(story) && Int.random(in: 0..<3, using: &generator) == 0
        for copy in 0..<Int.random(in: 1...5, using: &generator) {
          // A retry has the same id; a repeated event about the same change has another id.
          let id = "evt_\(story.number)_\(index)_\(copy % 3)"
          deliveries.append(
            Delivery(
              id: id, type: event.type, created: event.created, object: isThin ? event.id : event.object, isThin: isThin
            ))
        }
      }
    }
    deliveries.shuffle(using: &generator)
    let shuffled = deliveries
    let unanswered = await Threads.run(8) { sender -> Int in
      let sender = (number: sender, webhook: Deliverer(url: url), database: Database(url: url))
      return stride(from: sender.number, to: shuffled.count, by: 8).count { index in
        // Like Stripe, deliver the event again until the response is 200.
        !(0..<30).contains { _ in Self.answer(shuffled[index], policy, sender.webhook, sender.database, by: soon) == 200
        }
      }
    }
    #expect(unanswered.allSatisfy { $0 == 0 }, "\(unanswered)")
    // Compare before and after the states of ambiguous subscriptions and thin events are fetched.
    var wrong = try compare(stories.filter { !$0.isAmbiguous && !Self.hasThinEvents($0) }, database)
    wrong += try await fetchStates(of: stories, database)
    wrong += try compare(stories, database)
    return (wrong, stories)
  }

  private static func hasThinEvents(_ story: StripeStory) -> Bool { story.number.isMultiple(of: 7) }

  private static func answer(
    _ delivery: Delivery, _ policy: Policy, _ webhook: Deliverer, _ database: Database,
    by deadline: ContinuousClock.Instant
  ) -> Int {
    switch policy {
    case .asShipped: return webhook.deliver(delivery, by: deadline)
    case .answeredBeforeCommit:
      _ = webhook.deliver(delivery, by: deadline)
      return 200
    case .onlyEventIDs:
      if delivery.type.hasPrefix("checkout."), !delivery.isThin {
        try? removePayment(of: delivery, database, by: deadline)
      }
      return webhook.deliver(delivery, by: deadline)
    case .strictlyLater:
      if delivery.type.hasPrefix("customer.subscription."), !delivery.isThin {
        let id = try? JSON.decode(Named.self, from: Array(delivery.object.utf8)).id
        let storedTime = try? database.rows(
          "SELECT as_of FROM subscriptions WHERE subscription_id = \(id)", as: Int.self, by: deadline
        ).first
        if let storedTime, storedTime >= delivery.created { return 200 }
      }
      return webhook.deliver(delivery, by: deadline)
    }
  }

  private struct Named: Decodable { let id: String }

  /// Removes the record that a session was paid, unless the event was applied before.
  private static func removePayment(of delivery: Delivery, _ database: Database, by deadline: ContinuousClock.Instant)
    throws
  {
    let session = try JSON.decode(Named.self, from: Array(delivery.object.utf8)).id
    try database.transaction(by: deadline) { transaction in
      guard try transaction.rows("SELECT 1 FROM webhook_events WHERE event_id = \(delivery.id)", as: Int.self).isEmpty
      else { return }
      try transaction.execute("UPDATE checkouts SET state = 'open' WHERE session_id = \(session) AND state = 'paid'")
      try transaction.execute(
        "UPDATE credit_lots SET key = key || gen_random_uuid() WHERE key = \("checkout " + session)")
    }
  }

  /// The plans and credits of an account. Times are in seconds since 1970.
  private struct AccountRow: Decodable {
    let boughtPlan: Plan
    let subscribedPlan: Plan
    let subscribedUntil: Int?
    let nextPlan: Plan
    let nextUntil: Int?
    let credits: Int
  }

  private func compare(_ stories: [StripeStory], _ database: Database) throws -> [String] {
    var wrong: [String] = []
    for story in stories {
      let row = try database.rows(
        """
        SELECT bought_plan, subscribed_plan, extract(epoch FROM subscribed_until)::bigint AS subscribed_until,
          next_plan, extract(epoch FROM next_until)::bigint AS next_until, coalesce(balance, 0) AS credits
        FROM accounts LEFT JOIN credit_accounts USING (account_id) WHERE account_id = \(story.account)
        """, as: AccountRow.self, by: soon)[0]
      let subscribed = [(row.subscribedPlan, row.subscribedUntil), (row.nextPlan, row.nextUntil)].compactMap {
        plan, until in until.map { "\(plan) \($0)" }
      }
      let found = ["\(row.boughtPlan)", "\(subscribed)", "\(row.credits)"]
      let expected = [
        "\(story.boughtPlan)", "\(story.subscribed.map { "\($0.plan) \($0.until)" })", "\(story.credits)",
      ]
      if found != expected {
        wrong.append(
          "\(story.number): \(found) instead of \(expected): \(story.events.map { "\($0.created) \($0.type) \($0.id)" })"
        )
      }
    }
    return wrong
  }

  /// Performs the enqueued jobs like the worker. The fake Stripe has the objects as they are at the end of the stories.
  ///
  /// - Returns: a message for each story that is ambiguous but has no job.
  private func fetchStates(of stories: [StripeStory], _ database: Database) async throws -> [String] {
    var missing: [String] = []
    for story in stories where story.isAmbiguous {
      let queued = try story.purchases.map { purchase in
        // Without the jobs that check for a renewal.
        try database.rows(
          """
          SELECT count(*) FROM jobs
          WHERE kind = 'stripe_object' AND key ~ ('^' || \(purchase.subscription) || '( evt_.*)?$')
          """, as: Int.self, by: soon)[0]
      }
      if !queued.contains(where: { $0 > 0 }) { missing.append("\(story.number) is ambiguous and has no job") }
    }
    let objects = stories.reduce(into: [String: String]()) { $0.merge($1.objects) { $1 } }
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let id = request.url.split(separator: "/").last.map { String($0.prefix { $0 != "?" }) } ?? ""
      guard let object = objects[id] else { return FetchResponse(status: 404, body: Array(#"{"error":{}}"#.utf8)) }
      return FetchResponse(status: 200, headers: ["date": "Thu, 01 Jan 2032 00:00:00 GMT"], body: Array(object.utf8))
    }
    let refresh = StripeRefresh(
      database: database, settings: BillingSettings(Deliverer.environment),
      client: StripeClient(fetcher, key: try #require(StripeSecretKey("sk_test_x")), base: "https://stripe.example"))
    let jobs = Jobs(database)
    while let lease = try jobs.lease([StripeRefresh.kind], for: .seconds(60), by: soon).first {
      try await refresh.perform(lease, by: soon)
    }
    return missing
  }

  // MARK: - Concurrent events

  @Test func fiftyEventsAboutOneSessionGrantOnce() async throws {
    let (url, soon) = (url, soon)
    let buyer = try Buyer(url, "credits_500")
    let object = buyer.paidSession(amount: 500)
    let statuses = await Threads.run(50) { number in
      Deliverer(url: url).deliver(
        Delivery(id: "evt_\(number)", type: "checkout.session.completed", created: 1, object: object), by: soon)
    }
    #expect(statuses == Array(repeating: 200, count: 50))
    let database = Database(url: url)
    #expect(try database.rows("SELECT amount FROM credit_entries", as: Int.self, by: soon) == [500])
    #expect(try database.rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [50])
    #expect(
      try database.rows("SELECT count(*) FROM jobs WHERE kind = 'outgoing_webhook'", as: Int.self, by: soon) == [1])
  }

  /// Payments and refunds of credit packs, of a bought plan and of a monthly plan, delivered by 8 senders.
  @Test func concurrentEventsOfOneAccountDoNotDeadlock() async throws {
    let (url, soon) = (url, soon)
    let packs = 24
    let names = Array(repeating: "credits_500", count: packs) + ["coffee", "growth"]
    let buyer = try Buyer(url, products: names)
    for number in 0..<packs / 2 { try buyer.send("checkout.session.completed", buyer.paidSession(number, amount: 500)) }
    let end = Int(Date().timeIntervalSince1970) + 30 * 86_400
    var deliveries: [(type: String, object: String)] = [
      ("checkout.session.completed", buyer.paidSession(packs, amount: 500)),
      ("refund.created", buyer.refund(packs, 500)),
      (
        "checkout.session.completed",
        buyer.paidSession(packs + 1, amount: 1_500, mode: "subscription", subscription: buyer.subscription)
      ),
      ("invoice.paid", buyer.invoice(99, ("price_growth", 1_500, end - 86_400, end))),
      ("invoice_payment.paid", buyer.invoicePayment(99)),
    ]
    for number in 0..<packs {
      if number >= packs / 2 {
        deliveries.append(("checkout.session.completed", buyer.paidSession(number, amount: 500)))
      }
      deliveries.append(("refund.created", buyer.refund(number, 250)))
      deliveries.append(
        (
          "customer.subscription.updated",
          buyer.subscription(number.isMultiple(of: 2) ? "active" : "past_due", until: end)
        ))
    }
    var generator = SeededGenerator(state: 5)
    deliveries.shuffle(using: &generator)
    let shuffled = deliveries
    let statuses = await Threads.run(8) { sender in
      let webhook = Deliverer(url: url)
      return stride(from: sender, to: shuffled.count, by: 8).map { index in
        webhook.deliver(
          Delivery(
            id: "evt_concurrent_\(index)", type: shuffled[index].type, created: 1_000 + index,
            object: shuffled[index].object), by: soon)
      }
    }
    #expect(statuses.joined().allSatisfy { $0 == 200 })
    let database = Database(url: url)
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [packs * 250])
    #expect(try buyer.strings("SELECT bought_plan FROM accounts") == ["free"])
    // PostgreSQL backends report statistics after up to a second.
    try await Task.sleep(for: .seconds(2))
    #expect(
      try database.rows(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", as: Int.self, by: soon) == [0])
  }
}
