import Accounts
import FoundationEssentials

@testable import Billing

extension StripeStory {
  private static let month = 30 * 86_400
  private static let products = [Plan.growth: Product.named("growth")!, .scale: Product.named("scale")!]

  /// Adds a subscription with its events in Stripe's order: a new period is active first, and its invoice is paid, or
  /// fails, an hour later (docs.stripe.com/billing/subscriptions/webhooks).
  mutating func subscribe(_ id: String) {
    var visit = Visit(self, id)
    visit.begin()
    self = visit.story
  }

  /// Adds the events of one subscription to a story.
  private struct Visit {
    var story: StripeStory
    let purchase: Purchase
    private var plan: Plan
    private var end: Int
    private var status = "incomplete"
    private var isPaused = false
    private var last: (second: Int, state: String)?
    private var isAmbiguous = false
    private var invoices = 0
    /// The end of each paid plan.
    private var ends: [Plan: Int] = [:]
    /// The end of the last paid period, even if it was refunded.
    private var lastEnd = 0

    init(_ story: StripeStory, _ id: String) {
      self.story = story
      plan = self.story.random(2) == 0 ? .growth : .scale
      purchase = Purchase(id: id, product: StripeStory.products[plan]!)
      self.story.purchases.append(purchase)
      end = self.story.clock + StripeStory.month
    }

    private mutating func emit(_ type: String, _ status: String, after seconds: Int) {
      self.status = status
      let own = story.isOldShape ? #""current_period_end":\#(end),"# : ""
      let item = story.isOldShape ? "" : #","current_period_end":\#(end)"#
      let pause = isPaused ? #"{"behavior":"void","resumes_at":null}"# : "null"
      let invoice = invoices == 0 ? "null" : #""in_\#(purchase.id)_\#(invoices - 1)""#
      story.emit(
        type, purchase.subscription,
        #"""
        {"id":"\#(purchase.subscription)","object":"subscription","customer":"\#(story.customer)",
        "status":"\#(status)","cancel_at_period_end":false,
        \#(own)"items":{"data":[{"price":{"id":"price_\#(plan)"}\#(item)}]},
        "metadata":{"checkout":"\#(purchase.checkout)"},"pause_collection":\#(pause),
        "latest_invoice":\#(invoice)}
        """#,
        after: seconds)
      let state = "\(status) \(plan) \(isPaused)"
      // An incomplete state is always the first, and a canceled one always the last.
      if last?.second != story.clock { isAmbiguous = false }
      if let last, last.second == story.clock, last.state != state, !last.state.hasPrefix("incomplete"),
        status != "canceled"
      {
        isAmbiguous = true
      }
      last = (story.clock, state)
    }

    /// A line of an invoice. A negative amount credits a period that was paid before.
    private struct Line {
      let plan: Plan
      let amount: Int
      let start: Int
    }

    private func invoice(_ number: Int, _ lines: [Line], _ status: String, payments: String = "") -> String {
      let id = "in_\(purchase.id)_\(number)"
      let metadata = #"{"checkout":"\#(purchase.checkout)"}"#
      let parent =
        story.isOldShape
        ? #"""
        "subscription":"\#(purchase.subscription)","subscription_details":{"metadata":\#(metadata)},
        "payment_intent":"pi_\#(purchase.id)_\#(number)"
        """#
        : #""parent":{"subscription_details":{"subscription":"\#(purchase.subscription)","metadata":\#(metadata)}}"#
      let texts = lines.map { line in
        let price =
          story.isOldShape
          ? #""price":{"id":"price_\#(line.plan)"}"# : #""pricing":{"price_details":{"price":"price_\#(line.plan)"}}"#
        return #"{"amount":\#(line.amount),"period":{"start":\#(line.start),"end":\#(end)},\#(price)}"#
      }
      let amount = max(0, lines.reduce(0) { $0 + $1.amount })
      return
        #"""
        {"id":"\#(id)","object":"invoice","customer":"\#(story.customer)",\#(parent),"status":"\#(status)",
        "amount_paid":\#(status == "paid" ? amount : 0),"currency":"usd","period_end":\#(story.clock),
        "lines":{"data":[\#(texts.joined(separator: ","))]}\#(payments)}
        """#
    }

    private mutating func pay(_ lines: [Line], after seconds: Int) {
      let number = invoices
      let id = "in_\(purchase.id)_\(number)"
      let payment = "pi_\(purchase.id)_\(number)"
      invoices += 1
      let amount = max(0, lines.reduce(0) { $0 + $1.amount })
      story.emit("invoice.paid", id, invoice(number, lines, "paid"), after: seconds)
      var reversed = 0
      if amount > 0 {
        let link =
          #"""
          {"id":"inpay_\#(purchase.id)_\#(number)","object":"invoice_payment","invoice":"\#(id)",
          "payment":{"type":"payment_intent","payment_intent":"\#(payment)"},"amount_paid":\#(amount),
          "currency":"usd","status":"paid"}
          """#
        if !story.isOldShape {
          story.emit("invoice_payment.paid", "inpay_\(purchase.id)_\(number)", link, after: 0)
          // The API includes the payments of an invoice; events do not.
          story.objects[id] = invoice(number, lines, "paid", payments: #","payments":{"data":[\#(link)]}"#)
        }
        reversed = story.reverse(payment, charge: "ch_\(purchase.id)_\(number)", amount: amount, invoice: id)
      }
      lastEnd = max(lastEnd, end)
      guard amount == 0 || reversed < amount else { return }
      for line in lines {
        if line.amount >= 0 {
          ends[line.plan] = max(ends[line.plan] ?? 0, end)
        } else if ends[line.plan] == end {
          ends[line.plan] = line.start
        }
      }
    }

    private mutating func nextPeriod() {
      story.clock = max(story.clock, end)
      end += StripeStory.month
      emit("customer.subscription.updated", "active", after: 1 + story.random(2))
    }

    private var period: [Line] { [Line(plan: plan, amount: price(of: plan), start: end - StripeStory.month)] }

    private func price(of plan: Plan) -> Int { StripeStory.products[plan]!.amount }

    mutating func begin() {
      emit("customer.subscription.created", "incomplete", after: 1)
      if story.random(10) == 0 {
        emit("customer.subscription.updated", "incomplete_expired", after: 82_800)
        return story.emit("checkout.session.expired", purchase, "expired", paid: "unpaid", after: 0)
      }
      // In the second of its creation: `active` wins over `incomplete`.
      emit("customer.subscription.updated", "active", after: story.random(2))
      story.emit("checkout.session.completed", purchase, "complete", paid: "paid", after: 0)
      pay(period, after: 0)
      for _ in 0...story.random(4) where status != "past_due" && !isPaused { continuePeriod() }
      if story.random(3) == 0 {
        emit("customer.subscription.deleted", "canceled", after: story.random(2))
        isAmbiguous = false
      }
      story.isAmbiguous = story.isAmbiguous || isAmbiguous
      guard status != "canceled" else { return }
      for (plan, end) in ends {
        story.ends[plan] = max(story.ends[plan] ?? 0, end >= lastEnd && !isPaused ? end + 7 * 86_400 : end)
      }
    }

    private mutating func continuePeriod() {
      switch story.random(8) {
      case 0:
        // The new plan is paid with the next period.
        plan = plan == .growth ? .scale : .growth
        emit("customer.subscription.updated", "active", after: story.random(3) * 1_000)
      case 1:
        // The rest of this period is credited, and paid for the new plan, at once.
        let old = plan
        plan = plan == .growth ? .scale : .growth
        emit("customer.subscription.updated", "active", after: 1 + story.random(3) * 1_000)
        pay(
          [
            Line(plan: old, amount: -price(of: old) / 2, start: story.clock),
            Line(plan: plan, amount: price(of: plan) / 2, start: story.clock),
          ], after: 0)
      case 2:
        nextPeriod()
        let number = invoices
        story.emit(
          "invoice.payment_failed", "in_\(purchase.id)_\(number)", invoice(number, period, "open"), after: 3_600)
        emit("customer.subscription.updated", "past_due", after: 0)
        guard story.random(2) == 0 else { return }
        pay(period, after: story.random(2) * 40_000)
        // In the second of the payment, which may be the second of the failure.
        emit("customer.subscription.updated", "active", after: 0)
      case 3:
        isPaused = true
        emit("customer.subscription.updated", "active", after: 1_000)
        if story.random(2) == 0 { return nextPeriod() }
        isPaused = false
        emit("customer.subscription.updated", "active", after: story.random(2) * 5_000)
      default:
        nextPeriod()
        pay(period, after: 3_600)
      }
    }
  }
}
