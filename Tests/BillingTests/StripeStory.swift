import Accounts
import Contract
import FoundationEssentials
import Postgres
import Stripe

@testable import Billing

/// The history of one buyer at Stripe: all events in the order in which they happened, and a model of the expected
/// result.
struct StripeStory {
  /// An event, before it is delivered.
  struct Occurrence {
    let type: String
    let created: Int
    let object: String
    /// The object's id.
    let id: String
  }

  /// One checkout with its product.
  struct Purchase {
    let id: String
    let product: Product
    var amount: Int { product.amount }
    var mode: String { product.mode.rawValue }
    var credits: Int { product.credits }
    var session: String { "cs_test_\(id)" }
    var checkout: String { "checkout-\(id)" }
    var subscription: String { "sub_\(id)" }
  }

  let number: Int
  let account: UUID
  private var chance: UInt64
  private(set) var events: [Occurrence] = []
  /// Every object in its last state, by its id.
  var objects: [String: String] = [:]
  var clock = 1_772_366_400
  var purchases: [Purchase] = []

  // The expected result.
  var boughtPlan = Plan.free
  /// The end of each monthly plan, in seconds since 1970.
  var ends: [Plan: Int] = [:]
  var credits = 0
  /// Whether the last second of a subscription has two events with different states.
  var isAmbiguous = false

  /// Whether the objects have the form of API versions before 2025-03-31.
  let isOldShape: Bool
  /// Whether the checkouts were opened without a customer.
  let isWithoutCustomer: Bool
  var customer: String { "cus_\(number)" }

  init(_ number: Int, seed: UInt64, account: UUID) {
    self.number = number
    self.account = account
    chance = seed &* 1_000_003 &+ UInt64(number)
    isOldShape = number.isMultiple(of: 2)
    isWithoutCustomer = number % 3 == 1
    for index in 0..<(random(3) == 0 ? 2 + random(2) : 1) {
      let id = "\(number)_\(index)"
      switch random(10) {
      case ..<3: buyOnce(Purchase(id: id, product: Product.named("coffee")!))
      case ..<5: buyOnce(Purchase(id: id, product: Product.named("credits_500")!))
      default: subscribe(id)
      }
      clock += 100
    }
  }

  mutating func random(_ bound: Int) -> Int {
    // The linear congruential generator of Knuth's MMIX.
    chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(chance >> 33) % bound
  }

  /// The expected monthly plans in the order in which they apply.
  var subscribed: [(plan: Plan, until: Int)] {
    var plans: [(plan: Plan, until: Int)] = []
    if let scale = ends[.scale] { plans.append((.scale, scale)) }
    if let growth = ends[.growth], growth > plans.first?.until ?? 0 { plans.append((.growth, growth)) }
    return plans
  }

  /// Inserts the account and its checkouts, which exist before the first event.
  func store(_ database: Database, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { transaction in
      Accounts.openForPurchase(account, email: nil, in: &transaction)
      for purchase in purchases {
        StoredCheckout(
          session: purchase.session, product: purchase.product, customer: isWithoutCustomer ? nil : customer,
          checkout: purchase.checkout
        ).insert(for: account, in: &transaction)
      }
    }
  }

  mutating func emit(_ type: String, _ id: String, _ object: String, after seconds: Int) {
    clock += seconds
    events.append(Occurrence(type: type, created: clock, object: object, id: id))
    objects[id] = object
  }

  mutating func emit(_ type: String, _ purchase: Purchase, _ status: String, paid: String, after seconds: Int) {
    let link =
      purchase.mode == "payment"
      ? #""payment_intent":"pi_\#(purchase.id)""# : #""subscription":"\#(purchase.subscription)""#
    let object =
      #"""
      {"id":"\#(purchase.session)","object":"checkout.session","status":"\#(status)",
      "payment_status":"\#(paid)","mode":"\#(purchase.mode)","amount_total":\#(purchase.amount),
      "currency":"usd","customer":"\#(customer)",\#(link),"metadata":{"checkout":"\#(purchase.checkout)"}}
      """#
    emit(type, purchase.session, object, after: seconds)
  }

  private mutating func buyOnce(_ purchase: Purchase) {
    purchases.append(purchase)
    switch random(6) {
    case 0: return emit("checkout.session.expired", purchase, "expired", paid: "unpaid", after: 3_600)
    case 1:
      emit("checkout.session.completed", purchase, "complete", paid: "unpaid", after: 60)
      return emit(
        "checkout.session.async_payment_failed", purchase, "complete", paid: "unpaid", after: random(2) * 90_000)
    case 2:
      emit("checkout.session.completed", purchase, "complete", paid: "unpaid", after: 60)
      emit("checkout.session.async_payment_succeeded", purchase, "complete", paid: "paid", after: random(2) * 90_000)
    default: emit("checkout.session.completed", purchase, "complete", paid: "paid", after: 60)
    }
    let reversed = reverse("pi_\(purchase.id)", charge: "ch_\(purchase.id)", amount: purchase.amount, invoice: nil)
    if purchase.credits > 0 {
      credits += purchase.credits - purchase.credits * min(reversed, purchase.amount) / purchase.amount
    } else if reversed < purchase.amount {
      boughtPlan = .coffee
    }
  }

  /// Adds refunds and disputes of a payment.
  ///
  /// - Returns: the amount that is withdrawn in the end.
  mutating func reverse(_ payment: String, charge: String, amount: Int, invoice: String?) -> Int {
    func chargeObject(_ refunded: Int) -> String {
      let invoice = isOldShape ? invoice.map { #","invoice":"\#($0)""# } ?? "" : ""
      return
        #"""
        {"id":"\#(charge)","object":"charge","payment_intent":"\#(payment)","customer":"\#(customer)",
        "amount":\#(amount),"amount_refunded":\#(refunded),"currency":"usd","status":"succeeded"\#(invoice)}
        """#
    }
    func refundObject(_ number: Int, _ part: Int, _ status: String) -> String {
      #"""
      {"id":"re_\#(charge)_\#(number)","object":"refund","charge":"\#(charge)","payment_intent":"\#(payment)",
      "amount":\#(part),"currency":"usd","status":"\#(status)"}
      """#
    }
    func disputeObject(_ status: String) -> String {
      #"""
      {"id":"dp_\#(charge)","object":"dispute","charge":"\#(charge)","payment_intent":"\#(payment)",
      "amount":\#(amount),"currency":"usd","status":"\#(status)"}
      """#
    }
    switch random(8) {
    case 0:
      emit("refund.created", "re_\(charge)_1", refundObject(1, amount, "succeeded"), after: random(3))
      emit("charge.refunded", charge, chargeObject(amount), after: 0)
      return amount
    case 1:
      let first = 100 + random(100)
      let second = 50
      emit("charge.refunded", charge, chargeObject(first), after: 10)
      emit("refund.created", "re_\(charge)_1", refundObject(1, first, "succeeded"), after: 0)
      emit("refund.created", "re_\(charge)_2", refundObject(2, second, "pending"), after: 50)
      emit("charge.refunded", charge, chargeObject(first + second), after: 0)
      guard random(2) == 0 else { return first + second }
      emit("refund.failed", "re_\(charge)_2", refundObject(2, second, "failed"), after: 5_000)
      return first
    case 2:
      emit("charge.dispute.created", "dp_\(charge)", disputeObject("needs_response"), after: 1_000)
      let isWon = random(2) == 0
      emit("charge.dispute.closed", "dp_\(charge)", disputeObject(isWon ? "won" : "lost"), after: random(2) * 86_400)
      return isWon ? 0 : amount
    case 3:
      emit("charge.dispute.created", "dp_\(charge)", disputeObject("warning_needs_response"), after: 1_000)
      emit("charge.dispute.closed", "dp_\(charge)", disputeObject("warning_closed"), after: 90_000)
      return 0
    default: return 0
    }
  }
}
