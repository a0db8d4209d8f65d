import FoundationEssentials
import Stripe
import Support
import Testing

/// Decodes real webhook events, and the example objects from Stripe's OpenAPI fixtures.
struct RealEventTests {
  private static let folder = "\(Products.package)/../shared/data/stripe"
  private static let isAvailable = FileManager.default.fileExists(atPath: folder)

  @Test(.enabled(if: isAvailable, "needs ../shared/data/stripe"))
  func realEventsAreDecoded() throws {
    var counts: [String: Int] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/events")
    where name.hasSuffix(".json") {
      let event = try StripeEvent(body: Array(Data(contentsOf: URL(filePath: "\(Self.folder)/events/\(name)"))))
      #expect(!event.id.isEmpty && event.created > 1_500_000_000 && event.apiVersion != nil, "\(name)")
      switch event.payload {
      case .checkoutSession(let session):
        counts["session", default: 0] += 1
        #expect(session.paymentStatus == "paid" && session.paymentIntent != nil, "\(name)")
      case .subscription(let subscription):
        counts["subscription", default: 0] += 1
        #expect(!subscription.prices.isEmpty && subscription.currentPeriodEnd != nil, "\(name)")
      case .invoice(let invoice):
        counts["invoice", default: 0] += 1
        #expect(invoice.subscription != nil && invoice.lines.allSatisfy { $0.price != nil }, "\(name)")
      case .invoicePayment(let payment):
        counts["invoice payment", default: 0] += 1
        #expect(payment.paymentIntent != nil && payment.amountPaid == 2000, "\(name)")
      case .charge(let charge):
        counts["charge", default: 0] += 1
        #expect(charge.amountRefunded > 0 && charge.paymentIntent != nil, "\(name)")
      case .refund(let refund):
        counts["refund", default: 0] += 1
        #expect(refund.amount > 0 && refund.paymentIntent != nil, "\(name)")
      case .dispute(let dispute):
        counts["dispute", default: 0] += 1
        #expect(dispute.amount > 0 && dispute.charge != nil, "\(name)")
      case .thin: Issue.record("\(name) must not be a thin event")
      case .other: counts["other", default: 0] += 1
      }
    }
    #expect(
      counts == [
        "session": 1, "subscription": 3, "invoice": 1, "invoice payment": 1, "charge": 1, "refund": 3,
        "dispute": 2, "other": 17,
      ])
  }

  /// These objects have the shape since API version 2025-03-31. The folder has none of that version.
  @Test(.enabled(if: isAvailable, "needs ../shared/data/stripe"))
  func exampleObjectsAreDecoded() throws {
    struct Examples: Decodable {
      let resources: Resources
      struct Resources: Decodable {
        let session: StripeCheckoutSession
        let subscription: StripeSubscription
        let invoice: StripeInvoice
        let charge: StripeCharge
        let refund: StripeRefund
        let dispute: StripeDispute

        private enum CodingKeys: String, CodingKey {
          case subscription, invoice, charge, refund, dispute
          case session = "checkout.session"
        }
      }
    }
    let data = try Data(contentsOf: URL(filePath: "\(Self.folder)/fixtures3.json"))
    let examples = try JSONDecoder().decode(Examples.self, from: data).resources
    #expect(examples.session.amountTotal == nil && examples.session.paymentStatus == "unpaid")
    #expect(examples.subscription.currentPeriodEnd == 976_287_773 && examples.subscription.prices.count == 1)
    #expect(examples.subscription.pause?.behavior == "mark_uncollectible")
    #expect(examples.invoice.subscription == "subscription" && examples.invoice.lines.map(\.price) == [nil])
    #expect(examples.charge.amountRefunded == 0 && examples.refund.amount == 100 && examples.dispute.amount == 1000)
  }
}
