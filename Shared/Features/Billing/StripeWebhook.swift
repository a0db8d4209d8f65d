package import Contract
import Cryptography
import FoundationEssentials
package import Postgres
import Stripe

/// Takes Stripe's deliveries: verified on the raw bytes, committed together with what they effect, and only then
/// acknowledged.
package struct StripeWebhook: Sendable {
  private let database: Database
  private let settings: BillingSettings

  package init(database: Database, settings: BillingSettings) {
    self.database = database
    self.settings = settings
  }

  /// `POST /webhook/stripe`: 200 for what was applied or concerns nobody here; 400 for a bad signature or body; 503
  /// where nothing could be
  /// committed, or a setting is missing: Stripe delivers again.
  package var receive: Operation {
    Operation("POST", "/webhook/stripe") { request in
      let (event, outcome) = try take(request.event, by: request.deadline.instant)
      request.log(.info, "stripe event", ["event": event.id, "type": event.type, "outcome": outcome.rawValue])
      return Response.json(Answer(received: true, outcome: outcome.rawValue))
    }
  }

  private struct Answer: Encodable {
    let received: Bool
    let outcome: String
  }

  /// - Parameter now: when it came.
  func take(_ delivery: Event, at now: Date = Date(), by deadline: ContinuousClock.Instant) throws -> (
    StripeEvent, EventOutcome
  ) {
    let body = delivery.body
    guard let isLive = settings.isLive else {
      throw Failure(
        .unavailable, "STRIPE_SECRET_KEY is not set: it tells test from live", details: ["setting": "STRIPE_SECRET_KEY"]
      )
    }
    do throws(SignatureRejection) {
      try StripeSignature.verify(
        header: delivery.headers["stripe-signature"], body: body, secrets: settings.webhookSecrets.map { $0.reveal() },
        at: now)
    } catch .noSecret {
      throw Failure(.unavailable, "STRIPE_WEBHOOK_SECRET is not set", details: ["setting": "STRIPE_WEBHOOK_SECRET"])
    } catch {
      throw Failure(.invalidRequest, "the delivery is not signed as it should be: \(error)")
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
      // Two events about one thing take turns, also where only one of them names the account.
      application.lock(in: &transaction)
      return try EventLog.stripe.once(event.id, type: event.type, in: &transaction) { transaction in
        let outcome = event.isLive == isLive ? try application.apply(in: &transaction) : .otherLivemode
        let subjects = application.subjects
        if outcome.isForNobody, !subjects.isEmpty {
          transaction.send(
            """
            INSERT INTO delivery_audit (event_id, type, outcome, subject)
            VALUES (\(event.id), \(event.type), \(outcome.rawValue), \(subjects.joined(separator: " "))) ON CONFLICT DO NOTHING
            """)
        }
        return outcome
      }
    }
  }
}
