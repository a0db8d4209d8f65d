import Postgres
import Stripe

/// A Stripe client for background jobs, and the storage of the objects that it fetches.
struct StripeSync: Sendable {
  let database: Database
  let settings: BillingSettings
  let client: StripeClient

  /// Returns a fetched object in the form of the event that would report it.
  func event<Object>(
    _ type: String, _ id: String, _ reading: StripeSnapshot<Object>, _ payload: (Object) -> StripeEvent.Payload
  ) -> StripeEvent {
    StripeEvent(
      id: id, type: type, created: reading.requestedAt, isLive: client.isLive, payload: payload(reading.object))
  }

  /// Applies a fetched object like an event.
  func apply(_ event: StripeEvent, in transaction: inout Transaction) throws {
    let application = EventApplication(event, settings, isFetched: true)
    application.lock(in: &transaction)
    _ = try application.apply(in: &transaction)
  }
}
