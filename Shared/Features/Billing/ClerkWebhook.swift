package import Accounts
package import Contract
import Cryptography
import FoundationEssentials
package import Postgres
import Stripe

/// Takes Clerk's deliveries: verified on the raw bytes, committed together with what they effect, and only then
/// acknowledged.
///
/// They come in any order: the latest state by Clerk's own clock stands, and what was deleted stays so.
package struct ClerkWebhook: Sendable {
  private let database: Database
  private let settings: ClerkSettings
  private let data: [AccountData]

  /// - Parameter data: what an erasure takes at once; the rest is a job for whoever knows every feature.
  package init(database: Database, settings: ClerkSettings, data: [AccountData]) {
    self.database = database
    self.settings = settings
    self.data = data
  }

  /// `POST /webhook/clerk`: 200 for what was applied or changes nothing here; 400 for a bad signature or body; 503
  /// where nothing could be
  /// committed, or a setting is missing: Clerk delivers again.
  package var receive: Operation {
    Operation("POST", "/webhook/clerk") { request in
      let (type, outcome) = try take(request.event, by: request.deadline.instant)
      request.log(.info, "clerk event", ["type": type, "outcome": outcome.rawValue])
      return Response.json(Answer(received: true, outcome: outcome.rawValue))
    }
  }

  private struct Answer: Encodable {
    let received: Bool
    let outcome: String
  }

  func take(_ delivery: Event, by deadline: ContinuousClock.Instant) throws -> (type: String, outcome: EventOutcome) {
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
        .unavailable, "CLERK_WEBHOOK_SECRET is not whsec_ and base64", details: ["setting": "CLERK_WEBHOOK_SECRET"])
    } catch {
      throw Failure(.invalidRequest, "the delivery is not signed as it should be: \(error)")
    }
    let event = try ClerkEvent(body: delivery.body)
    return (event.type, try apply(event, id: id, issuer: issuer, by: deadline))
  }

  private func apply(_ event: ClerkEvent, id: String, issuer: String, by deadline: ContinuousClock.Instant) throws
    -> EventOutcome
  {
    let change = try event.subject.map { ($0.change, try TokenSubject($0.kind, issuer: issuer, name: $0.name)) }
    return try EventLog.clerk.commit(database, by: deadline) { transaction in
      try EventLog.clerk.once(id, type: event.type, in: &transaction) { transaction in
        switch change {
        case nil: .ignored
        case (.present(let email, let time), let subject)?:
          try Self.outcome(Accounts.learn(subject, email: email, asOf: time, by: "clerk", in: &transaction))
        case (.deleted, let subject)?:
          try Self.outcome(
            Accounts.erase(subject, and: data, by: "clerk", in: &transaction, also: AccountErasure.enqueue))
        }
      }
    }
  }

  private static func outcome(_ news: Accounts.News) -> EventOutcome {
    switch news {
    case .applied: .applied
    case .known: .duplicate
    case .erased: .erased
    }
  }
}
