import Accounts
import Contract
import FoundationEssentials
import Jobs
import Postgres
import Support
import Testing

@testable import Billing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Monthly plans: their periods, renewals, changes and notifications, with events in Stripe's order.
@Suite struct RenewalTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private static let day = 86_400
  /// The end of the first paid month.
  private let end = Int(Date().timeIntervalSince1970) + 2 * day
  /// The end of the second month.
  private var next: Int { end + 30 * Self.day }
  private var begin: Int { end - 30 * Self.day }

  init() throws {
    url = try TestDatabase.makeForBilling()
  }

  /// A buyer that has paid the first month.
  private func buyer(of product: String = "growth", customer: Bool = true) throws -> Buyer {
    let buyer = try Buyer(url, product, customer: customer)
    let price = "price_\(product)"
    let amount = Product.named(product)!.amount
    try buyer.send(
      "customer.subscription.created", buyer.subscription("incomplete", until: end, price: price), at: begin)
    try buyer.send(
      "customer.subscription.updated", buyer.subscription("active", until: end, price: price), at: begin + 2)
    try buyer.send(
      "checkout.session.completed",
      buyer.paidSession(amount: amount, mode: "subscription", subscription: buyer.subscription), at: begin + 2)
    try buyer.send("invoice.paid", buyer.invoice(0, (price, amount, begin, end)), at: begin + 2)
    try buyer.send(
      "customer.subscription.updated", buyer.subscription("active", until: end, price: price), at: begin + 3)
    return buyer
  }

  @Test func failedRenewalKeepsThePlanForTheGracePeriod() throws {
    let buyer = try buyer()
    let week = ["growth \(end + 7 * Self.day)"]
    #expect(try buyer.subscribedPlans() == week)
    // Stripe starts the new period an hour before it finalises the invoice.
    try buyer.send("customer.subscription.updated", buyer.subscription("active", until: next), at: end + 1)
    #expect(try buyer.subscribedPlans() == week)
    try buyer.send(
      "invoice.payment_failed", buyer.invoice(1, ("price_growth", 1_500, end, next), status: "open"), at: end + 3_600)
    try buyer.send("customer.subscription.updated", buyer.subscription("past_due", until: next), at: end + 3_600)
    #expect(try buyer.subscribedPlans() == week)
    try buyer.send(
      "customer.subscription.updated", buyer.subscription("past_due", until: next, price: "price_scale"),
      at: end + 3_700)
    #expect(try buyer.subscribedPlans() == week, "an unpaid upgrade")
    try buyer.send("invoice.paid", buyer.invoice(1, ("price_growth", 1_500, end, next)), at: end + 86_400)
    #expect(try buyer.subscribedPlans() == ["growth \(next + 7 * Self.day)"])
  }

  @Test func activeSubscriptionWithoutAnInvoiceGivesThePlanForThreeDays() throws {
    let buyer = try Buyer(url, "growth")
    try buyer.send("customer.subscription.created", buyer.subscription("active", until: end), at: begin)
    #expect(try buyer.subscribedPlans() == ["growth \(begin + 3 * Self.day)"])
    try buyer.send(
      "checkout.session.completed",
      buyer.paidSession(amount: 1_500, mode: "subscription", subscription: buyer.subscription), at: begin)
    #expect(try buyer.subscribedPlans() == ["growth \(begin + 3 * Self.day)"])
    try buyer.send("customer.subscription.updated", buyer.subscription("past_due", until: end), at: begin + 1)
    #expect(try buyer.subscribedPlans() == [])
  }

  @Test func upgradeAppliesOncePaidAndDowngradeAfterThePaidPeriod() throws {
    let up = try buyer()
    let middle = begin + 10 * Self.day
    try up.send(
      "customer.subscription.updated", up.subscription("active", until: end, price: "price_scale"), at: middle)
    #expect(try up.subscribedPlans() == ["growth \(end + 7 * Self.day)"])
    try up.send(
      "invoice.paid", up.invoice(1, ("price_growth", -1_000, middle, end), ("price_scale", 3_300, middle, end)),
      at: middle)
    #expect(try up.subscribedPlans() == ["scale \(end + 7 * Self.day)"])
    try up.send("invoice_payment.paid", up.invoicePayment(1))
    try up.send("refund.created", up.refund(1, 2_300))
    #expect(try up.subscribedPlans() == ["growth \(end + 7 * Self.day)"], "the refunded upgrade has no effect")

    let down = try buyer(of: "scale")
    try down.send("customer.subscription.updated", down.subscription("active", until: end), at: middle)
    #expect(try down.subscribedPlans() == ["scale \(end + 7 * Self.day)"], "the month is paid")
    try down.send("invoice.paid", down.invoice(1, ("price_growth", 1_500, end, next)), at: end + 3_600)
    #expect(try down.subscribedPlans() == ["scale \(end)", "growth \(next + 7 * Self.day)"])
    #expect(try Accounts(down.database).account(down.account, by: soon).plan == .scale)

    // A credit ends the credited plan at once.
    let credited = try buyer(of: "scale")
    try credited.send(
      "invoice.paid", credited.invoice(1, ("price_scale", -3_300, middle, end), ("price_growth", 1_000, middle, end)),
      at: middle)
    #expect(try credited.subscribedPlans() == ["scale \(middle)", "growth \(end + 7 * Self.day)"])
  }

  @Test(arguments: ["void", "keep_as_draft", "mark_uncollectible"])
  func pausedSubscriptionHasNoGracePeriod(behavior: String) throws {
    let buyer = try buyer()
    let pause = #"{"behavior":"\#(behavior)","resumes_at":null}"#
    try buyer.send(
      "customer.subscription.updated", buyer.subscription("active", until: end, pause: pause), at: end - 10)
    try buyer.send(
      "customer.subscription.updated", buyer.subscription("active", until: next, pause: pause), at: end + 1)
    #expect(try buyer.subscribedPlans() == ["growth \(end)"])
    try buyer.send("customer.subscription.updated", buyer.subscription("active", until: next), at: end + 10)
    #expect(try buyer.subscribedPlans() == ["growth \(end + 7 * Self.day)"])
  }

  /// The invoice and the refund of its payment have no id in common; an earlier event linked them.
  @Test func refundConcurrentWithItsInvoiceCounts() async throws {
    let buyer = try Buyer(url, "growth")
    let (url, soon) = (url, soon)
    try buyer.send("customer.subscription.created", buyer.subscription("active", until: end), at: begin)
    try buyer.send(
      "checkout.session.completed",
      buyer.paidSession(amount: 1_500, mode: "subscription", subscription: buyer.subscription), at: begin)
    #expect(try buyer.send("invoice_payment.paid", buyer.invoicePayment(0)) == "noted")
    // Delay the commit of the refund.
    let database = Database(url: url)
    try database.execute(
      """
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF new.type LIKE 'refund.%' THEN PERFORM pg_sleep(0.6); END IF; RETURN new; END $$
      """, by: soon)
    try database.execute(
      """
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON webhook_events DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION slow()
      """, by: soon)
    let events = [
      (type: "refund.created", object: buyer.refund(0, 1_500)),
      (type: "invoice.paid", object: buyer.invoice(0, ("price_growth", 1_500, begin, end))),
    ]
    let statuses = await Threads.run(2) { number in
      if number == 1 { usleep(200_000) }
      return Deliverer(url: url).deliver(
        Delivery(id: "evt_race_\(number)", type: events[number].type, created: 2, object: events[number].object),
        by: soon)
    }
    #expect(statuses == [200, 200])
    #expect(try buyer.subscribedPlans() == [])
  }

  /// If the checkout was opened without a customer, Stripe's events still find the account.
  @Test func customerCreatedByStripeIsStored() throws {
    let buyer = try buyer(customer: false)
    #expect(try buyer.subscribedPlans() == ["growth \(end + 7 * Self.day)"])
    #expect(
      try buyer.strings("SELECT customer_id FROM checkouts WHERE account_id = \(buyer.account)") == [buyer.customer])
  }

  @Test func notificationsHaveThePlanInEffect() throws {
    let granted = try Buyer(url, "coffee")
    try granted.database.execute(
      "UPDATE accounts SET plan = 'scale', told_plan = 'scale' WHERE account_id = \(granted.account)", by: soon)
    try granted.send("checkout.session.completed", granted.paidSession(amount: 500))
    #expect(
      try granted.strings("SELECT payload->>'type' FROM jobs WHERE kind = 'outgoing_webhook'") == ["payment.received"])
    let other = try Buyer(url, "coffee")
    try other.send("checkout.session.completed", other.paidSession(amount: 500))
    #expect(
      try other.strings("SELECT payload->'data'->>'plan' FROM jobs WHERE payload->>'type' = 'plan.changed'") == [
        "coffee"
      ])
  }

  @Test func eachPaymentIsNotifiedOnce() throws {
    let buyer = try buyer()
    try buyer.send("invoice.paid", buyer.invoice(1, ("price_growth", 1_500, end, next)), at: end)
    try buyer.send("invoice.paid", buyer.invoice(1, ("price_growth", 1_500, end, next)), at: end)
    let notifications = try buyer.strings(
      """
      SELECT concat_ws(' ', payload->'data'->>'account', payload->'data'->>'product', payload->'data'->>'amount')
      FROM jobs WHERE payload->>'type' = 'payment.received'
      """)
    let id = buyer.account.uuidString.lowercased()
    #expect(notifications == ["\(id) growth 1500", "\(id) growth 1500"], "one for the session, one for the renewal")
  }

  /// The plans in all `plan.changed` notifications of the buyer.
  private func notifiedPlans(_ buyer: Buyer) throws -> [String] {
    try buyer.strings(
      """
      SELECT payload->'data'->>'plan' FROM jobs
      WHERE payload->>'type' = 'plan.changed'
        AND (payload->'data'->>'account')::uuid = \(buyer.account)
      ORDER BY created_at
      """)
  }

  /// Moves all stored times into the past.
  private func pass(_ seconds: Int, _ buyer: Buyer) throws {
    let time = "make_interval(secs => \(seconds))"
    try buyer.database.execute(
      """
      UPDATE accounts SET subscribed_until = subscribed_until - \(unsafeSQL: time),
        next_until = next_until - \(unsafeSQL: time)
      """, by: soon)
    try buyer.database.execute("UPDATE jobs SET due_at = due_at - \(unsafeSQL: time)", by: soon)
  }

  /// Performs the due expiry jobs.
  private func performExpiryJobs(_ buyer: Buyer) throws {
    for lease in try Jobs(buyer.database).lease([PlanExpiry.kind], for: .seconds(60), count: 10, by: soon) {
      try PlanExpiry(buyer.database).perform(lease, by: soon)
    }
  }

  @Test func expiredPlanIsNotified() throws {
    let buyer = try buyer(of: "scale")
    // A downgrade follows.
    try buyer.send("customer.subscription.updated", buyer.subscription("active", until: end), at: begin + 10)
    try buyer.send("invoice.paid", buyer.invoice(1, ("price_growth", 1_500, end, next)), at: end + 3_600)
    try performExpiryJobs(buyer)
    #expect(try notifiedPlans(buyer) == ["scale"])
    // The job for the end that the renewal extended sends nothing.
    for (seconds, expected) in [
      (2 * Self.day + 1, ["scale", "growth"]), (7 * Self.day, ["scale", "growth"]),
      (30 * Self.day, ["scale", "growth", "free"]),
    ] {
      try pass(seconds, buyer)
      try performExpiryJobs(buyer)
      #expect(try notifiedPlans(buyer) == expected)
    }
    #expect(try buyer.strings("SELECT state FROM jobs WHERE kind = 'plan_end'") == ["done", "done", "done"])
    let log = try buyer.strings(
      "SELECT actor || ' ' || details FROM audit_log WHERE action = 'plan_ended' ORDER BY created_at")
    #expect(log == ["time scale to growth", "time growth to free"])
  }

  /// No worker ran at the end of the period, and then an event replaced the stored end.
  @Test func missedExpiryIsNotifiedByTheNextEvent() throws {
    let buyer = try buyer()
    try pass(10 * Self.day, buyer)
    try buyer.send("customer.subscription.deleted", buyer.subscription("canceled", until: end), at: end + 10)
    #expect(try notifiedPlans(buyer) == ["growth", "free"])
    try performExpiryJobs(buyer)
    #expect(try notifiedPlans(buyer) == ["growth", "free"], "once")
  }

  /// The event about the renewal may be lost.
  @Test func renewalIsCheckedDuringTheGracePeriod() throws {
    let buyer = try buyer()
    let jobs = try buyer.strings(
      """
      SELECT payload->>'id' || ' ' || extract(epoch FROM due_at)::bigint FROM jobs
      WHERE kind = 'stripe_object' AND key LIKE '% %' ORDER BY due_at
      """)
    #expect(jobs == ["\(buyer.subscription) \(end + 4 * Self.day)", "\(buyer.subscription) \(end + 6 * Self.day)"])
  }

  @Test func paymentsAndRefundsAreInTheAuditLog() throws {
    let buyer = try Buyer(url, "credits_500")
    try buyer.send("checkout.session.completed", buyer.paidSession(amount: 500))
    try buyer.send("refund.created", buyer.refund(0, 250), event: "evt_refund_\(buyer.id)")
    try buyer.send("refund.created", buyer.refund(0, 250))
    let log = try buyer.strings(
      "SELECT action || ' ' || details FROM audit_log WHERE account_id = \(buyer.account) ORDER BY 1")
    #expect(
      log == [
        "credits_bought 500, cs_\(buyer.id)_0", "credits_reversed 250 of 500, cs_\(buyer.id)_0",
        "payment_received credits_500, 500 usd",
        "refund re_\(buyer.id)_0, 250 of pi_\(buyer.id)_0",
      ])
    // Events without an account are in the delivery audit.
    try buyer.send("refund.created", buyer.refund(9, 250), event: "evt_early_\(buyer.id)")
    try buyer.send("checkout.session.completed", buyer.paidSession(7, amount: 500), event: "evt_foreign_\(buyer.id)")
    try buyer.send("checkout.session.completed", buyer.paidSession(amount: 1), event: "evt_cheap_\(buyer.id)")
    #expect(
      try buyer.strings(
        "SELECT outcome || ' ' || subject FROM delivery_audit WHERE event_id LIKE \("evt_%_" + buyer.id) ORDER BY 1")
        == [
          "mismatch cs_\(buyer.id)_0 pi_\(buyer.id)_0", "noted pi_\(buyer.id)_9",
          "unknown cs_\(buyer.id)_7 pi_\(buyer.id)_7",
        ])
  }
}
