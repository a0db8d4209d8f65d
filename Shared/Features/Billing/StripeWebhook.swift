package import Contract
import Cryptography
import FoundationEssentials
package import Postgres
import Stripe

/// Receives Stripe's webhook events: verifies the signature of the raw body, applies the event in one transaction and
/// responds after the commit.
package struct StripeWebhook: Sendable {
  private let database: Database
  private let settings: BillingSettings

  package init(database: Database, settings: BillingSettings) {
    self.database = database
    self.settings = settings
  }

  /// `POST /webhook/stripe` responds 200 if the event was applied or changes nothing here, 400 if the signature or the
  /// body is invalid, and 503 if the commit failed or a setting is missing; then Stripe delivers the event again.
  package var receive: Operation {
    Operation("POST", "/webhook/stripe") { request in
      let (event, outcome) = try process(request.event, by: request.deadline.instant)
      request.log(.info, "stripe event", ["event": event.id, "type": event.type, "outcome": outcome.rawValue])
      return Response.json(Answer(received: true, outcome: outcome.rawValue))
    }
  }

  private struct Answer: Encodable {
    let received: Bool
    let outcome: String
  }

  /// - Parameter now: when the event arrived.
  func process(_ delivery: Event, at now: Date = Date(), by deadline: ContinuousClock.Instant) throws -> (
    event: StripeEvent, outcome: EventOutcome
  ) {
    let body = delivery.body
    guard let isLive = settings.isLive else {
      throw Failure(
        .unavailable, "STRIPE_SECRET_KEY is not set; it distinguishes live mode from test mode",
        details: ["setting": "STRIPE_SECRET_KEY"])
    }
    do throws(SignatureRejection) {
      try StripeSignature.verify(
        header: delivery.headers["stripe-signature"], body: body, secrets: settings.webhookSecrets.map { $0.reveal() },
        at: now)
    } catch .noSecret {
      throw Failure(.unavailable, "STRIPE_WEBHOOK_SECRET is not set", details: ["setting": "STRIPE_WEBHOOK_SECRET"])
    } catch {
      throw Failure(.invalidRequest, "the signature of the event is not valid: \(error)")
    }
    let event: StripeEvent
    do throws(MalformedEvent) { event = try StripeEvent(body: body) } catch {
      throw Failure(.invalidRequest, error.description)
    }
    return (event, try apply(event, isLive: isLive, by: deadline))
  }

  private func apply(_ event: StripeEvent, isLive: Bool, by deadline: ContinuousClock.Instant) throws -> EventOutcome {
    try EventLog.stripe.commit(database, by: deadline) { transaction in
      let application = EventApplication(event, settings)
      // Events about one object are applied one after the other, even if only one of them names the account.
      application.lock(in: &transaction)
      return try EventLog.stripe.applyOnce(event.id, type: event.type, in: &transaction) { transaction in
        let outcome = event.isLive == isLive ? try application.apply(in: &transaction) : .otherLivemode
        let subjects = application.subjects
        if outcome.needsDeliveryAudit, !subjects.isEmpty {
          transaction.send(
            """
            INSERT INTO delivery_audit (event_id, type, outcome, subject)
            VALUES (\(event.id), \(event.type), \(outcome.rawValue), \(subjects.joined(separator: " ")))
            ON CONFLICT DO NOTHING
            """)
        }
        return outcome
      }
    }
  }
}
