import Accounts
package import Contract
import Cryptography
package import FoundationEssentials
package import Postgres

/// `Idempotency-Key` on requests that make something (draft-ietf-httpapi-idempotency-key-header-07).
///
/// A key is its caller's own: that of the credential's account, whichever key or token of it is shown, else of the
/// client's network. The same key and body give what was made the first time;
/// another body, or one still under way, is `conflict`. Failures are not kept.
package struct IdempotencyKeys: Sendable {
  private let database: Database
  private let now: Date?

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(_ database: Database, at now: Date? = nil) {
    self.database = database
    self.now = now
  }

  package struct Ticket: Sendable {
    let caller: String
    let keyDigest: [UInt8]
    let requestDigest: [UInt8]
    fileprivate let now: Date?
  }

  package enum Start: Sendable {
    /// No key was sent.
    case unkeyed
    /// Nobody made it yet; it is this request's to do.
    case begun(Ticket)
    /// What was made under the key before.
    case made(resource: String)
  }

  /// How long a key is kept that made something.
  static let retention = "interval '24 hours'"

  package func begin(_ request: Request) throws -> Start {
    guard let key = request.event.headers["idempotency-key"] else { return .unkeyed }
    guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Failure.invalidField("Idempotency-Key", "Idempotency-Key takes 1 to 255 visible ASCII characters")
    }
    let event = request.event
    let ticket = Ticket(
      caller: try Self.caller(of: request), keyDigest: Digest.sha256(Array(key.utf8)),
      requestDigest: Digest.sha256(Array("\(event.method) \(event.rawPath)\n".utf8) + event.body), now: now)
    let deadline = request.deadline.instant
    // A process that died leaves a key that its deadline frees.
    let seconds = Double(request.deadline.remaining.milliseconds) / 1000 + 10
    let begun = try database.execute(
      """
      INSERT INTO idempotency_keys AS known (caller, key_digest, request_digest, expires_at)
      VALUES (\(ticket.caller), \(ticket.keyDigest), \(ticket.requestDigest), coalesce(\(now), statement_timestamp()) + make_interval(secs => \(seconds)))
      ON CONFLICT (caller, key_digest) DO UPDATE SET request_digest = excluded.request_digest, resource = NULL, expires_at = excluded.expires_at
        WHERE known.expires_at <= coalesce(\(now), statement_timestamp())
      """, by: deadline)
    if begun == 1 { return .begun(ticket) }
    let known = try database.rows(
      """
      SELECT request_digest, resource, greatest(1, ceil(extract(epoch FROM expires_at - coalesce(\(now), statement_timestamp()))))::bigint FROM idempotency_keys
      WHERE caller = \(ticket.caller) AND key_digest = \(ticket.keyDigest)
      """, as: [UInt8].self, String?.self, Int.self, by: deadline)
    guard let (digest, resource, seconds) = known.first else {
      throw Failure(.conflict, "a request with this Idempotency-Key has just failed; send it again", retryAfter: 1)
    }
    guard digest == ticket.requestDigest else {
      throw Failure(.conflict, "this Idempotency-Key was used with another request; a new request takes a new key")
    }
    guard let resource else {
      throw Failure(.conflict, "a request with this Idempotency-Key is under way", retryAfter: min(seconds, 5))
    }
    return .made(resource: resource)
  }

  /// Keeps what was made, together with what else the transaction does.
  ///
  /// - Throws: `conflict` where somebody else took the key over, which rolls back the transaction that it leaves.
  package static func finish(_ ticket: Ticket, resource: String, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE idempotency_keys SET resource = \(resource), expires_at = coalesce(\(ticket.now), statement_timestamp()) + \(unsafeSQL: retention)
      WHERE caller = \(ticket.caller) AND key_digest = \(ticket.keyDigest) AND request_digest = \(ticket.requestDigest) AND resource IS NULL
      """)
    guard count == 1 else {
      throw Failure(.conflict, "a request with this Idempotency-Key is under way", retryAfter: 5)
    }
  }

  /// Forgets the key of a request that failed.
  package func abandon(_ ticket: Ticket, by deadline: ContinuousClock.Instant) {
    // If this fails too, the key expires.
    _ = try? database.execute(
      """
      DELETE FROM idempotency_keys WHERE caller = \(ticket.caller) AND key_digest = \(ticket.keyDigest)
        AND request_digest = \(ticket.requestDigest) AND resource IS NULL
      """, by: deadline)
  }

  /// Forgets who made these things, and under which keys.
  ///
  /// - Parameter resources: of one line each.
  package static func forget(_ resources: [String], in transaction: inout Transaction) {
    if resources.isEmpty { return }
    transaction.send(
      "DELETE FROM idempotency_keys WHERE resource = ANY (string_to_array(\(resources.joined(separator: "\n")), chr(10)))"
    )
  }

  /// As ``finish(_:resource:in:)`` for what was there before, in a transaction of its own.
  package func keep(_ resource: String, under ticket: Ticket, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try Self.finish(ticket, resource: resource, in: &$0) }
  }

  /// Does something once for each key.
  ///
  /// - Parameters:
  ///   - made: finds what was made before under the key.
  ///   - make: makes it, and finishes the ticket in the transaction that stores it.
  /// - Returns: what was made, and what is left of its meter; nil where nothing was taken from one.
  package func once<Made>(
    _ request: Request, made: (String) throws -> Made, make: (Ticket?) async throws -> (Made, Quota?)
  ) async throws -> (Made, Quota?) {
    switch try begin(request) {
    case .unkeyed: return try await make(nil)
    case .made(let resource): return (try made(resource), nil)
    case .begun(let ticket):
      do {
        return try await make(ticket)
      } catch {
        abandon(ticket, by: ContinuousClock.now.advanced(by: .seconds(2)))
        throw error
      }
    }
  }

  private static func caller(of request: Request) throws(Failure) -> String {
    if let account = request.caller as? Account { return "account " + account.id.uuidString.lowercased() }
    // What was made under a key is told to nobody whose credential was not verified first.
    guard request.event.headers["authorization"] == nil else {
      throw Failure(.unauthorized, "the credential was not verified")
    }
    return request.event.isOperator ? "operator" : "address " + Accounts.network(of: request.event.sourceIP)
  }
}
