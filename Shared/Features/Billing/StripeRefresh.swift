import Contract
import FoundationEssentials
package import Jobs
package import Postgres
package import Stripe

/// A background job that fetches the present state of an object from Stripe and applies it like an event.
///
/// It is enqueued for the object of a thin event, for a subscription with ambiguous events, and to check for a renewal.
package struct StripeRefresh: Sendable {
  /// The job's kind.
  package static let kind = StripeObject.jobKind

  private let sync: StripeSync

  package init(database: Database, settings: BillingSettings, client: StripeClient) {
    sync = StripeSync(database: database, settings: settings, client: client)
  }

  /// Performs one job. If the worker stops before the job is completed, the state is fetched and applied again.
  ///
  /// - Throws: ``StripeError`` if the request to Stripe failed, or ``FetchedTooEarly``; the job should be retried.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws {
    let id = try JSON.decode(IDPayload<String>.self, from: lease.payload).id
    let events =
      if let object = StripeObject(id: id) { try await state(of: object, by: deadline) } else { [StripeEvent]() }
    for event in events {
      try sync.database.transaction(by: deadline) { try sync.apply(event, in: &$0) }
    }
    try sync.database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }

  /// Returns the object's state in the form of events; empty if the object does not exist.
  private func state(of object: StripeObject, by deadline: ContinuousClock.Instant) async throws -> [StripeEvent] {
    let client = sync.client
    let id = object.id
    do throws(StripeError) {
      switch object {
      case .subscription:
        let read = try await client.snapshot(.subscription(id), as: StripeSubscription.self, by: deadline)
        // Only paid invoices extend a plan, and the event about the latest one may be lost.
        let invoice =
          if let latest = read.object.latestInvoice { try await paid(latest, by: deadline) } else { [StripeEvent]() }
        return [sync.event("customer.subscription.updated", id, read, StripeEvent.Payload.subscription)] + invoice
      case .invoice: return try await paid(id, by: deadline)
      case .invoicePayment:
        let read = try await client.snapshot(.invoicePayment(id), as: StripeInvoicePayment.self, by: deadline)
        return [sync.event("invoice_payment.paid", id, read, StripeEvent.Payload.invoicePayment)]
      case .session:
        let read = try await client.snapshot(.checkoutSession(id), as: StripeCheckoutSession.self, by: deadline)
        if read.object.status == "open" { return [] }
        let type = read.object.status == "expired" ? "checkout.session.expired" : "checkout.session.completed"
        return [sync.event(type, id, read, StripeEvent.Payload.checkoutSession)]
      case .charge:
        let read = try await client.snapshot(.charge(id), as: StripeCharge.self, by: deadline)
        if read.object.amountRefunded == 0 { return [] }
        return [sync.event("charge.refunded", id, read, StripeEvent.Payload.charge)]
      case .refund:
        let read = try await client.snapshot(.refund(id), as: StripeRefund.self, by: deadline)
        return [sync.event("refund.updated", id, read, StripeEvent.Payload.refund)]
      case .dispute:
        let read = try await client.snapshot(.dispute(id), as: StripeDispute.self, by: deadline)
        return [sync.event("charge.dispute.updated", id, read, StripeEvent.Payload.dispute)]
      }
    } catch {
      if case .refused(404, _, _, _) = error { return [] }
      throw error
    }
  }

  /// Returns an invoice with its payments if it is paid; otherwise nothing.
  private func paid(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError) -> [StripeEvent] {
    let read = try await sync.client.snapshot(.invoice(id), as: StripeInvoice.self, by: deadline)
    guard read.object.status == "paid" else { return [] }
    return [sync.event("invoice.paid", id, read, StripeEvent.Payload.invoice)]
  }
}
