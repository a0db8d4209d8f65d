package import Accounts
package import Contract
import Cryptography
import FoundationEssentials
package import Postgres
import Stripe

/// Receives Clerk's webhook events: verifies the signature of the raw body, applies the event in one transaction and
/// responds after the commit.
///
/// Events arrive in any order: the latest state by Clerk's clock wins, and a deleted subject stays deleted.
package struct ClerkWebhook: Sendable {
  private let database: Database
  private let settings: ClerkSettings
  private let data: [PersonalData]

  /// - Parameter data: the account data that is erased at once. ``AccountErasure`` erases the data of other features.
  package init(database: Database, settings: ClerkSettings, data: [PersonalData]) {
    self.database = database
    self.settings = settings
    self.data = data
  }

  /// `POST /webhook/clerk` responds 200 if the event was applied or changes nothing here, 400 if the signature or the
  /// body is invalid, and 503 if the commit failed or a setting is missing; then Clerk delivers the event again.
  package var receive: Operation {
    Operation("POST", "/webhook/clerk") { request in
      let (type, outcome) = try process(request.event, by: request.deadline.instant)
      request.log(.info, "clerk event", ["type": type, "outcome": outcome.rawValue])
      return Response.json(Answer(received: true, outcome: outcome.rawValue))
    }
  }

  private struct Answer: Encodable {
    let received: Bool
    let outcome: String
  }

  func process(_ delivery: Event, by deadline: ContinuousClock.Instant) throws -> (type: String, outcome: EventOutcome)
  {
    if settings.secrets.isEmpty {
      throw Failure(.unavailable, "CLERK_WEBHOOK_SECRET is not set", details: ["setting": "CLERK_WEBHOOK_SECRET"])
    }
    let issuer = try settings.issuer()
    let id: String
    do throws(SignatureRejection) {
      id = try StandardWebhook.verify(
        headers: delivery.headers, body: delivery.body, secrets: settings.secrets.map { $0.reveal() }, at: Date())
    } catch .unusableSecret {
      throw Failure(
        .unavailable, "CLERK_WEBHOOK_SECRET is not valid: use whsec_ followed by base64",
        details: ["setting": "CLERK_WEBHOOK_SECRET"])
    } catch {
      throw Failure(.invalidRequest, "the signature of the event is not valid: \(error)")
    }
    let event = try ClerkEvent(body: delivery.body)
    return (event.type, try apply(event, id: id, issuer: issuer, by: deadline))
  }

  private func apply(_ event: ClerkEvent, id: String, issuer: String, by deadline: ContinuousClock.Instant) throws
    -> EventOutcome
  {
    let tokenSubject = try event.subject.map { try TokenSubject($0.kind, issuer: issuer, name: $0.name) }
    return try EventLog.clerk.commit(database, by: deadline) { transaction in
      try EventLog.clerk.applyOnce(id, type: event.type, in: &transaction) { transaction in
        guard let change = event.subject?.change, let tokenSubject else { return .ignored }
        return switch change {
        case .present(let email, let time):
          try Self.outcome(Accounts.update(tokenSubject, email: email, asOf: time, by: "clerk", in: &transaction))
        case .deleted:
          try Self.outcome(
            Accounts.erase(tokenSubject, including: data, by: "clerk", in: &transaction, also: AccountErasure.enqueue))
        }
      }
    }
  }

  private static func outcome(_ change: Accounts.IssuerChange) -> EventOutcome {
    switch change {
    case .applied: .applied
    case .unchanged: .duplicate
    case .erased: .erased
    }
  }
}
