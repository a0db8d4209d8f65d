import FoundationEssentials

extension StripeStory {
  private static let month = 30 * 86_400
  private static let prices = ["growth": 1_500, "scale": 5_000]

  /// A subscription from its first day on, told in the order in which Stripe tells it: a period that begins is active
  /// first, and an hour later
  /// its invoice is paid, or is not (docs.stripe.com/billing/subscriptions/webhooks).
  mutating func subscribe(_ id: String) {
    var visit = Visit(self, id)
    visit.begin()
    self = visit.story
  }

  /// The subscription while its story is told.
  private struct Visit {
    var story: StripeStory
    let purchase: Purchase
    private var plan: String
    private var end: Int
    private var status = "incomplete"
    private var isPaused = false
    private var last: (second: Int, state: String)?
    private var isInDoubt = false
    private var invoices = 0
    /// What was paid, in order: how long each plan lasts, and the end of whatever was paid for, given back or not.
    private var ends: [String: Int] = [:]
    private var lastEnd = 0

    init(_ story: StripeStory, _ id: String) {
      self.story = story
      plan = self.story.random(2) == 0 ? "growth" : "scale"
      purchase = Purchase(id: id, product: plan, amount: StripeStory.prices[plan]!, mode: "subscription", credits: 0)
      self.story.purchases.append(purchase)
      end = self.story.clock + StripeStory.month
    }

    private mutating func tell(_ type: String, _ status: String, after seconds: Int) {
      self.status = status
      let own = story.isOldShape ? #""current_period_end":\#(end),"# : ""
      let item = story.isOldShape ? "" : #","current_period_end":\#(end)"#
      let pause = isPaused ? #"{"behavior":"void","resumes_at":null}"# : "null"
      let invoice = invoices == 0 ? "null" : #""in_\#(purchase.id)_\#(invoices - 1)""#
      story.emit(
        type, purchase.subscription,
        #"{"id":"\#(purchase.subscription)","object":"subscription","customer":"\#(story.customer)","status":"\#(status)","cancel_at_period_end":false,\#(own)"items":{"data":[{"price":{"id":"price_\#(plan)"}\#(item)}]},"metadata":{"checkout":"\#(purchase.checkout)"},"pause_collection":\#(pause),"latest_invoice":\#(invoice)}"#,
        after: seconds)
      let state = "\(status) \(plan) \(isPaused)"
      // What is incomplete, and what is canceled, has its place before and after all else.
      if last?.second != story.clock { isInDoubt = false }
      if let last, last.second == story.clock, last.state != state, !last.state.hasPrefix("incomplete"),
        status != "canceled"
      {
        isInDoubt = true
      }
      last = (story.clock, state)
    }

    /// A line of an invoice: of a time that was paid before, where its amount is below 0.
    private typealias Line = (plan: String, amount: Int, start: Int)

    private func invoice(_ number: Int, _ lines: [Line], _ status: String, payments: String = "") -> String {
      let id = "in_\(purchase.id)_\(number)"
      let metadata = #"{"checkout":"\#(purchase.checkout)"}"#
      let parent =
        story.isOldShape
        ? #""subscription":"\#(purchase.subscription)","subscription_details":{"metadata":\#(metadata)},"payment_intent":"pi_\#(purchase.id)_\#(number)""#
        : #""parent":{"subscription_details":{"subscription":"\#(purchase.subscription)","metadata":\#(metadata)}}"#
      let texts = lines.map { line in
        let price =
          story.isOldShape
          ? #""price":{"id":"price_\#(line.plan)"}"# : #""pricing":{"price_details":{"price":"price_\#(line.plan)"}}"#
        return #"{"amount":\#(line.amount),"period":{"start":\#(line.start),"end":\#(end)},\#(price)}"#
      }
      let amount = max(0, lines.reduce(0) { $0 + $1.amount })
      return
        #"{"id":"\#(id)","object":"invoice","customer":"\#(story.customer)",\#(parent),"status":"\#(status)","amount_paid":\#(status == "paid" ? amount : 0),"currency":"usd","period_end":\#(story.clock),"lines":{"data":[\#(texts.joined(separator: ","))]}\#(payments)}"#
    }

    private mutating func pay(_ lines: [Line], after seconds: Int) {
      let number = invoices
      let id = "in_\(purchase.id)_\(number)"
      let payment = "pi_\(purchase.id)_\(number)"
      invoices += 1
      let amount = max(0, lines.reduce(0) { $0 + $1.amount })
      story.emit("invoice.paid", id, invoice(number, lines, "paid"), after: seconds)
      var gone = 0
      if amount > 0 {
        let link =
          #"{"id":"inpay_\#(purchase.id)_\#(number)","object":"invoice_payment","invoice":"\#(id)","payment":{"type":"payment_intent","payment_intent":"\#(payment)"},"amount_paid":\#(amount),"currency":"usd","status":"paid"}"#
        if !story.isOldShape {
          story.emit("invoice_payment.paid", "inpay_\(purchase.id)_\(number)", link, after: 0)
          // As it is told to whom asks for it.
          story.objects[id] = invoice(number, lines, "paid", payments: #","payments":{"data":[\#(link)]}"#)
        }
        gone = story.giveBack(payment, charge: "ch_\(purchase.id)_\(number)", amount: amount, invoice: id)
      }
      lastEnd = max(lastEnd, end)
      guard amount == 0 || gone < amount else { return }
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
      tell("customer.subscription.updated", "active", after: 1 + story.random(2))
    }

    private var period: [Line] { [(plan, StripeStory.prices[plan]!, end - StripeStory.month)] }

    mutating func begin() {
      tell("customer.subscription.created", "incomplete", after: 1)
      if story.random(10) == 0 {
        tell("customer.subscription.updated", "incomplete_expired", after: 82_800)
        return story.emit("checkout.session.expired", purchase, "expired", paid: "unpaid", after: 0)
      }
      // In the second of its creation: what is active is further than what is incomplete.
      tell("customer.subscription.updated", "active", after: story.random(2))
      story.emit("checkout.session.completed", purchase, "complete", paid: "paid", after: 0)
      pay(period, after: 0)
      for _ in 0...story.random(4) where status != "past_due" && !isPaused { goOn() }
      if story.random(3) == 0 {
        tell("customer.subscription.deleted", "canceled", after: story.random(2))
        isInDoubt = false
      }
      story.isInDoubt = story.isInDoubt || isInDoubt
      guard status != "canceled" else { return }
      for (plan, end) in ends {
        story.ends[plan] = max(story.ends[plan] ?? 0, end >= lastEnd && !isPaused ? end + 7 * 86_400 : end)
      }
    }

    private mutating func goOn() {
      switch story.random(8) {
      case 0:
        // Nothing is paid for it before the next period.
        plan = plan == "growth" ? "scale" : "growth"
        tell("customer.subscription.updated", "active", after: story.random(3) * 1_000)
      case 1:
        // Paid, or credited, at once: the rest of this period.
        let old = plan
        plan = plan == "growth" ? "scale" : "growth"
        tell("customer.subscription.updated", "active", after: 1 + story.random(3) * 1_000)
        pay(
          [(old, -StripeStory.prices[old]! / 2, story.clock), (plan, StripeStory.prices[plan]! / 2, story.clock)],
          after: 0)
      case 2:
        nextPeriod()
        let number = invoices
        story.emit(
          "invoice.payment_failed", "in_\(purchase.id)_\(number)", invoice(number, period, "open"), after: 3_600)
        tell("customer.subscription.updated", "past_due", after: 0)
        guard story.random(2) == 0 else { return }
        pay(period, after: story.random(2) * 40_000)
        // In the second of the payment, and perhaps of the failure.
        tell("customer.subscription.updated", "active", after: 0)
      case 3:
        isPaused = true
        tell("customer.subscription.updated", "active", after: 1_000)
        if story.random(2) == 0 { return nextPeriod() }
        isPaused = false
        tell("customer.subscription.updated", "active", after: story.random(2) * 5_000)
      default:
        nextPeriod()
        pay(period, after: 3_600)
      }
    }
  }
}
