import Billing
import Contract
import FoundationEssentials
import Postgres
import Stripe

/// One buyer's history at Stripe: the events that it makes in the order in which they happen, and a plain model of what must come of them.
struct StripeStory {
  let number: Int
  let account: UUID
  private var chance: UInt64
  private(set) var events: [(type: String, created: Int, object: String)] = []
  private var clock = 1_772_366_400

  // What must come of it.
  private(set) var boughtPlan = "free"
  private(set) var subscribedPlan = "free"
  private(set) var subscribedUntil: Int?
  private(set) var credits = 0
  /// Whether two different states of the subscription have its last second.
  private(set) var isInDoubt = false
  /// The subscription as Stripe has it in the end.
  private(set) var subscription: String?

  private let isOldShape: Bool
  private var id: String { "\(number)" }
  private var customer: String { "cus_\(id)" }
  var session: String { "cs_test_\(id)" }
  private(set) var product = ("coffee", 500, "payment", 0)

  init(_ number: Int, seed: UInt64, account: UUID) {
    self.number = number
    self.account = account
    chance = seed &* 1_000_003 &+ UInt64(number)
    isOldShape = number.isMultiple(of: 2)
    switch random(10) {
    case ..<3: buyOnce(("coffee", 500, "payment", 0))
    case ..<5: buyOnce(("credits_500", 500, "payment", 500))
    default: subscribe()
    }
  }

  mutating func random(_ bound: Int) -> Int {
    // Knuth's MMIX.
    chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(chance >> 33) % bound
  }

  /// The row that stands before anybody is sent to pay.
  func store(_ database: Database, by deadline: ContinuousClock.Instant) throws {
    let (name, amount, mode, credits) = product
    try database.transaction(by: deadline) { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest)
        VALUES (\(account), \(session), \(name), \("price_" + name), \(amount), 'usd', \(mode), \(customer), \(credits), \([UInt8](repeating: 0, count: 32)))
        """)
      try transaction.execute("INSERT INTO stripe_references VALUES (\(session), \(account), \(session)), (\(customer), \(account), NULL)")
    }
  }

  private mutating func emit(_ type: String, _ object: String, after seconds: Int) {
    clock += seconds
    events.append((type, clock, object))
  }

  private func sessionObject(_ status: String, paid: String) -> String {
    let (_, amount, mode, _) = product
    let link = mode == "payment" ? #""payment_intent":"pi_\#(id)""# : #""subscription":"sub_\#(id)""#
    return #"{"id":"\#(session)","object":"checkout.session","status":"\#(status)","payment_status":"\#(paid)","mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(customer)",\#(link),"metadata":{}}"#
  }

  private mutating func buyOnce(_ product: (String, Int, String, Int)) {
    self.product = product
    switch random(6) {
    case 0: return emit("checkout.session.expired", sessionObject("expired", paid: "unpaid"), after: 3_600)
    case 1:
      emit("checkout.session.completed", sessionObject("complete", paid: "unpaid"), after: 60)
      return emit("checkout.session.async_payment_failed", sessionObject("complete", paid: "unpaid"), after: random(2) * 90_000)
    case 2:
      emit("checkout.session.completed", sessionObject("complete", paid: "unpaid"), after: 60)
      emit("checkout.session.async_payment_succeeded", sessionObject("complete", paid: "paid"), after: random(2) * 90_000)
    default: emit("checkout.session.completed", sessionObject("complete", paid: "paid"), after: 60)
    }
    let gone = giveBack("pi_\(id)", charge: "ch_\(id)", amount: product.1, invoice: nil)
    if product.3 > 0 { credits = product.3 - product.3 * min(gone, product.1) / product.1 } else { boughtPlan = gone < product.1 ? "coffee" : "free" }
  }

  /// Refunds and disputes of a payment.
  ///
  /// - Returns: what is gone in the end.
  private mutating func giveBack(_ payment: String, charge: String, amount: Int, invoice: String?) -> Int {
    func chargeObject(_ refunded: Int) -> String {
      let invoice = isOldShape ? invoice.map { #","invoice":"\#($0)""# } ?? "" : ""
      return #"{"id":"\#(charge)","object":"charge","payment_intent":"\#(payment)","customer":"\#(customer)","amount":\#(amount),"amount_refunded":\#(refunded),"currency":"usd","status":"succeeded"\#(invoice)}"#
    }
    func refundObject(_ number: Int, _ part: Int, _ status: String) -> String {
      #"{"id":"re_\#(charge)_\#(number)","object":"refund","charge":"\#(charge)","payment_intent":"\#(payment)","amount":\#(part),"currency":"usd","status":"\#(status)"}"#
    }
    func disputeObject(_ status: String) -> String {
      #"{"id":"dp_\#(charge)","object":"dispute","charge":"\#(charge)","payment_intent":"\#(payment)","amount":\#(amount),"currency":"usd","status":"\#(status)"}"#
    }
    switch random(8) {
    case 0:
      emit("refund.created", refundObject(1, amount, "succeeded"), after: random(3))
      emit("charge.refunded", chargeObject(amount), after: 0)
      return amount
    case 1:
      let first = 100 + random(100), second = 50
      emit("charge.refunded", chargeObject(first), after: 10)
      emit("refund.created", refundObject(1, first, "succeeded"), after: 0)
      emit("refund.created", refundObject(2, second, "pending"), after: 50)
      emit("charge.refunded", chargeObject(first + second), after: 0)
      guard random(2) == 0 else { return first + second }
      emit("refund.failed", refundObject(2, second, "failed"), after: 5_000)
      return first
    case 2:
      emit("charge.dispute.created", disputeObject("needs_response"), after: 1_000)
      let isWon = random(2) == 0
      emit("charge.dispute.closed", disputeObject(isWon ? "won" : "lost"), after: random(2) * 86_400)
      return isWon ? 0 : amount
    case 3:
      emit("charge.dispute.created", disputeObject("warning_needs_response"), after: 1_000)
      emit("charge.dispute.closed", disputeObject("warning_closed"), after: 90_000)
      return 0
    default: return 0
    }
  }

  private mutating func subscribe() {
    // A copy, for functions in here to change together.
    var story = self
    defer { self = story }
    let (id, customer, isOldShape) = (id, customer, isOldShape)
    let plans = [("growth", 1_500), ("scale", 5_000)]
    var plan = plans[story.random(2)]
    story.product = (plan.0, plan.1, "subscription", 0)
    var end = story.clock + 30 * 86_400
    var last: (second: Int, state: String)?
    func object(_ status: String) -> String {
      let own = isOldShape ? #""current_period_end":\#(end),"# : ""
      let item = isOldShape ? "" : #","current_period_end":\#(end)"#
      return #"{"id":"sub_\#(id)","object":"subscription","customer":"\#(customer)","status":"\#(status)","cancel_at_period_end":false,\#(own)"items":{"data":[{"price":{"id":"price_\#(plan.0)"}\#(item)}]},"metadata":{}}"#
    }
    func tell(_ type: String, _ status: String, after seconds: Int) {
      story.emit(type, object(status), after: seconds)
      let state = status + plan.0
      // What is incomplete, and what is canceled, has its place before and after all else.
      if last?.second != story.clock { story.isInDoubt = false }
      if let last, last.second == story.clock, last.state != state, !last.state.hasPrefix("incomplete"), status != "canceled" {
        story.isInDoubt = true
      }
      last = (story.clock, state)
      story.subscription = object(status)
    }
    tell("customer.subscription.created", "incomplete", after: 1)
    if story.random(10) == 0 {
      tell("customer.subscription.updated", "incomplete_expired", after: 82_800)
      return story.emit("checkout.session.expired", story.sessionObject("expired", paid: "unpaid"), after: 0)
    }
    var invoices: [(end: Int, isGone: Bool)] = []
    func invoice(_ type: String, _ number: Int) -> String {
      let parent = isOldShape ? #""subscription":"sub_\#(id)","payment_intent":"pi_\#(id)_\#(number)""# : #""parent":{"subscription_details":{"subscription":"sub_\#(id)"}}"#
      return #"{"id":"in_\#(id)_\#(number)","object":"invoice","customer":"\#(customer)",\#(parent),"amount_paid":\#(plan.1),"currency":"usd","period_end":\#(story.clock),"lines":{"data":[{"amount":\#(plan.1),"period":{"end":\#(end)}}]}}"#
    }
    func pay(_ number: Int) {
      story.emit("invoice.paid", invoice("paid", number), after: 0)
      if !isOldShape {
        story.emit(
          "invoice_payment.paid",
          #"{"id":"inpay_\#(id)_\#(number)","object":"invoice_payment","invoice":"in_\#(id)_\#(number)","payment":{"type":"payment_intent","payment_intent":"pi_\#(id)_\#(number)"},"amount_paid":\#(plan.1),"currency":"usd","status":"paid"}"#,
          after: 0)
      }
      let gone = story.giveBack("pi_\(id)_\(number)", charge: "ch_\(id)_\(number)", amount: plan.1, invoice: "in_\(id)_\(number)")
      invoices.append((end, gone >= plan.1))
    }
    // In the second of its creation: what is active is further than what is incomplete.
    tell("customer.subscription.updated", "active", after: story.random(2))
    story.emit("checkout.session.completed", story.sessionObject("complete", paid: "paid"), after: 0)
    pay(0)
    var status = "active"
    for renewal in 1...(1 + story.random(4)) {
      switch story.random(8) {
      case 0:
        plan = plans[plan.0 == "growth" ? 1 : 0]
        tell("customer.subscription.updated", "active", after: story.random(3) * 1_000)
      case 1:
        story.clock = max(story.clock, end)
        end += 30 * 86_400
        tell("customer.subscription.updated", "past_due", after: 1)
        story.emit("invoice.payment_failed", invoice("failed", renewal), after: 0)
        status = "past_due"
        if story.random(2) == 0 { end -= 30 * 86_400 } else {
          tell("customer.subscription.updated", "active", after: story.random(2) * 40_000)
          pay(renewal)
          status = "active"
        }
      default:
        story.clock = max(story.clock, end)
        end += 30 * 86_400
        tell("customer.subscription.updated", "active", after: 2)
        pay(renewal)
      }
      if status == "past_due" { break }
    }
    if story.random(3) == 0 {
      tell("customer.subscription.deleted", "canceled", after: story.random(2))
      status = "canceled"
      story.isInDoubt = false
    }
    guard status != "canceled" else { return }
    let paid = invoices.filter { !$0.isGone }.map(\.end).max() ?? 0
    let gone = invoices.filter(\.isGone).map(\.end).max() ?? 0
    guard paid > 0 else { return }
    story.subscribedPlan = plan.0
    story.subscribedUntil = paid + (gone > paid ? 0 : 7 * 86_400)
  }
}
