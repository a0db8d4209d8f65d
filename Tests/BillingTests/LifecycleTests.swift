import Accounts
@testable import Billing
import Contract
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

/// What Stripe's deliveries make of accounts, whatever they do on their way.
@Suite(.serialized) struct LifecycleTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(500))

  init() throws {
    url = try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  @Test func everyOrderEndsWhereThePlainModelDoes() async throws {
    let (url, soon) = (url, soon)
    let database = Database(url: url)
    let stories = (0..<1_000).map { StripeStory($0, seed: 7, account: UUID()) }
    var deliveries: [Delivery] = []
    var generator = Seeded(state: 11)
    for story in stories {
      try story.store(database, by: soon)
      for (index, event) in story.events.enumerated() {
        for copy in 0..<Int.random(in: 1...5, using: &generator) {
          // A retry has the same id; the same change told once more has another.
          let id = "evt_\(story.number)_\(index)_\(copy % 2)"
          deliveries.append(Delivery(id: id, type: event.type, created: event.created, object: event.object))
        }
      }
    }
    deliveries.shuffle(using: &generator)
    let shuffled = deliveries
    let statuses = await Threads.run(8) { sender -> [Int] in
      let webhook = Deliverer(url: url)
      return stride(from: sender, to: shuffled.count, by: 8).map { webhook.deliver(shuffled[$0], by: soon) }
    }
    #expect(statuses.joined().allSatisfy { $0 == 200 }, "\(Set(statuses.joined()))")
    try askStripe(about: stories.filter(\.isInDoubt), database)

    var wrong: [String] = []
    for story in stories {
      let row = try database.rows(
        """
        SELECT bought_plan, subscribed_plan, extract(epoch FROM subscribed_until)::bigint, coalesce(balance, 0)
        FROM accounts LEFT JOIN credit_accounts USING (account_id) WHERE account_id = \(story.account)
        """, as: String.self, String.self, Int?.self, Int.self, by: soon)[0]
      let expected = (story.boughtPlan, story.subscribedPlan, story.subscribedUntil, story.credits)
      if row.0 != expected.0 || row.1 != expected.1 || (row.1 != "free" && row.2 != expected.2) || row.3 != expected.3 {
        wrong.append("\(story.number): \(row) instead of \(expected): \(story.events.map { "\($0.created) \($0.type)" })")
      }
    }
    #expect(wrong.prefix(5) == [])
    #expect(wrong.count == 0)
    let doubled = try database.rows(
      "SELECT count(*) FROM (SELECT 1 FROM credit_entries WHERE kind = 'purchase' GROUP BY account_id, key HAVING count(*) > 1) AS d",
      as: Int.self, by: soon)
    #expect(doubled == [0])
    #expect(stories.contains { $0.isInDoubt } && stories.contains { $0.subscribedPlan == "scale" } && stories.contains { $0.credits > 0 })
  }

  /// What the worker does with what was queued.
  private func askStripe(about stories: [StripeStory], _ database: Database) throws {
    let settings = BillingSettings(Deliverer.environment)
    for story in stories {
      let queued = try database.rows(
        "SELECT count(*) FROM jobs WHERE kind = 'stripe_subscription' AND key = \("sub_\(story.number)")", as: Int.self, by: soon)
      #expect(queued == [1], "a doubt that nobody was told of: \(story.number)")
      let object = try JSON.decode(StripeSubscription.self, from: Array(try #require(story.subscription).utf8))
      try database.transaction(by: soon) { transaction in
        _ = try SubscriptionState(settings).apply(
          object, asOf: story.events.map(\.created).max()! + 5, isFetched: true, in: &transaction)
      }
    }
  }

  @Test func oneSessionUnderFiftyEventIDsIsOneGrant() async throws {
    let (url, soon) = (url, soon)
    let database = Database(url: url)
    let story = try #require((0..<500).lazy.map { StripeStory($0, seed: 3, account: UUID()) }.first { $0.credits == 500 })
    try story.store(database, by: soon)
    let event = try #require(story.events.last { $0.type.hasPrefix("checkout.session") })
    let statuses = await Threads.run(50) { number in
      Deliverer(url: url).deliver(Delivery(id: "evt_\(number)", type: event.type, created: event.created, object: event.object), by: soon)
    }
    #expect(statuses == Array(repeating: 200, count: 50))
    #expect(try database.rows("SELECT amount FROM credit_entries", as: Int.self, by: soon) == [500])
    #expect(try database.rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [50])
    #expect(try database.rows("SELECT count(*) FROM jobs WHERE kind = 'outgoing_webhook'", as: Int.self, by: soon) == [1])
  }
}

struct Delivery: Sendable {
  let id: String
  let type: String
  let created: Int
  let object: String
  var isLive = false

  var body: String {
    #"{"id":"\#(id)","object":"event","type":"\#(type)","created":\#(created),"livemode":\#(isLive),"api_version":"2025-03-31.basil","data":{"object":\#(object)}}"#
  }
}

/// Delivers as Stripe does, to the operation itself.
struct Deliverer: Sendable {
  static let environment = Environment([
    "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_old,whsec_new", "STRIPE_LLM_TXT_COFFEE_PRICE_ID": "price_coffee",
    "STRIPE_LLM_TXT_GROWTH_PRICE_ID": "price_growth", "STRIPE_LLM_TXT_SCALE_PRICE_ID": "price_scale",
    "STRIPE_LLM_TXT_CREDITS_PRICE_IDS": "price_credits_500,price_credits_2500",
  ])
  private let webhook: StripeWebhook

  init(url: String, _ environment: Environment = environment) {
    webhook = StripeWebhook(database: Database(url: url), settings: BillingSettings(environment))
  }

  /// What became of it.
  func take(_ body: String, signature: String? = nil, by deadline: ContinuousClock.Instant) throws -> String {
    let signature = signature ?? StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(Date().timeIntervalSince1970))
    let event = Event(method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    return try webhook.take(event, by: deadline).1.rawValue
  }

  /// The status that Stripe would see.
  func deliver(_ delivery: Delivery, by deadline: ContinuousClock.Instant) -> Int {
    do {
      _ = try take(delivery.body, by: deadline)
      return 200
    } catch {
      return ((error as? Failure) ?? (error as? any FailureConvertible)?.failure)?.code.status ?? 500
    }
  }
}

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
