import Contract
import FoundationEssentials
package import Jobs
package import Postgres
package import Stripe

/// Asks Stripe for the present state of what a thin event names, or of a subscription where events left a doubt, and
/// takes it as it takes events.
package struct StripeRefresh: Sendable {
  /// The kind of job that it does.
  package static let kind = StripeObject.jobKind

  private let database: Database
  private let settings: BillingSettings
  private let client: StripeClient

  package init(database: Database, settings: BillingSettings, client: StripeClient) {
    self.database = database
    self.settings = settings
    self.client = client
  }

  /// Does one job. What it learns may be learned again, should it die before it says that the job is done.
  ///
  /// - Throws: ``StripeError`` where Stripe did not say, or ``AskedTooEarly``; the job is to be tried again.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws {
    let id = try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).id
    let events =
      if let object = StripeObject(id: id) { try await state(of: object, by: deadline) } else { [StripeEvent]() }
    for event in events {
      try database.transaction(by: deadline) { transaction in
        let application = EventApplication(event, settings, isFetched: true)
        application.lock(in: &transaction)
        _ = try application.apply(in: &transaction)
      }
    }
    try database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }

  /// What the object says, as an event would say it; nothing where there is none.
  private func state(of object: StripeObject, by deadline: ContinuousClock.Instant) async throws -> [StripeEvent] {
    func event(_ type: String, _ askedAt: Int, _ payload: StripeEvent.Payload) -> StripeEvent {
      StripeEvent(id: object.id, type: type, created: askedAt, isLive: client.isLive, payload: payload)
    }
    do throws(StripeError) {
      switch object {
      case .subscription(let id):
        let read = try await client.read(.subscription(id), as: StripeSubscription.self, by: deadline)
        // What it gives is what was paid; the news of that may be what was lost.
        let invoice =
          if let latest = read.object.latestInvoice { try await paid(latest, by: deadline) } else { [StripeEvent]() }
        return [event("customer.subscription.updated", read.askedAt, .subscription(read.object))] + invoice
      case .invoice(let id): return try await paid(id, by: deadline)
      case .invoicePayment(let id):
        let read = try await client.read(.invoicePayment(id), as: StripeInvoicePayment.self, by: deadline)
        return [event("invoice_payment.paid", read.askedAt, .invoicePayment(read.object))]
      case .session(let id):
        let read = try await client.read(.checkoutSession(id), as: StripeCheckoutSession.self, by: deadline)
        if read.object.status == "open" { return [] }
        let type = read.object.status == "expired" ? "checkout.session.expired" : "checkout.session.completed"
        return [event(type, read.askedAt, .checkoutSession(read.object))]
      case .charge(let id):
        let read = try await client.read(.charge(id), as: StripeCharge.self, by: deadline)
        return read.object.amountRefunded == 0 ? [] : [event("charge.refunded", read.askedAt, .charge(read.object))]
      case .refund(let id):
        let read = try await client.read(.refund(id), as: StripeRefund.self, by: deadline)
        return [event("refund.updated", read.askedAt, .refund(read.object))]
      case .dispute(let id):
        let read = try await client.read(.dispute(id), as: StripeDispute.self, by: deadline)
        return [event("charge.dispute.updated", read.askedAt, .dispute(read.object))]
      }
    } catch {
      if case .refused(404, _, _, _) = error { return [] }
      throw error
    }
  }

  /// An invoice that is paid, with what paid it; nothing of another.
  private func paid(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError) -> [StripeEvent] {
    let read = try await client.read(.invoice(id), as: StripeInvoice.self, by: deadline)
    guard read.object.status == "paid" else { return [] }
    return [
      StripeEvent(
        id: id, type: "invoice.paid", created: read.askedAt, isLive: client.isLive, payload: .invoice(read.object))
    ]
  }

  private struct Payload: Decodable { let id: String }
}

/// What is known is of the second in which Stripe was asked, or later: a later answer tells.
struct AskedTooEarly: Error, CustomStringConvertible {
  var description: String { "an event of the same second is known; Stripe is asked again" }
}
