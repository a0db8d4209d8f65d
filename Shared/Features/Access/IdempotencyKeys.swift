package import Contract
import Cryptography
package import FoundationEssentials
package import Postgres

/// The `Idempotency-Key` of requests that make a resource (draft-ietf-httpapi-idempotency-key-header-07).
///
/// A key belongs to its ``Source``: an account, with all its API keys and tokens, or the client's network.
/// The same key and body return the resource that the first request made. Another body with the same key is `conflict`,
/// and so is a repetition while the first request is running. The key of a failed request is released.
package struct IdempotencyKeys: Sendable {
  private let database: Database
  private let now: Date?

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(_ database: Database, at now: Date? = nil) {
    self.database = database
    self.now = now
  }

  /// A new key, which the request must finish when it stores its resource.
  package struct Ticket: Sendable {
    let source: String
    let keyDigest: [UInt8]
    let requestDigest: [UInt8]
    fileprivate let now: Date?
  }

  package enum Start: Sendable {
    /// The request has no key.
    case unkeyed
    /// The key is new, and this request makes the result.
    case begun(Ticket)
    /// An earlier request with this key made the resource.
    case repeated(resource: String)
  }

  /// How long the key of a successful request is stored.
  static let retention = "interval '24 hours'"

  package func begin(_ request: Request, of source: Source) throws -> Start {
    guard let key = request.event.headers["idempotency-key"] else { return .unkeyed }
    guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Failure.invalidField("Idempotency-Key", "Idempotency-Key takes 1 to 255 visible ASCII characters")
    }
    let event = request.event
    let ticket = Ticket(
      source: source.text, keyDigest: Digest.sha256(Array(key.utf8)),
      requestDigest: Digest.sha256(Array("\(event.method) \(event.rawPath)\n".utf8) + event.body), now: now)
    let deadline = request.deadline.instant
    // If the process dies, the key expires soon after the request's deadline.
    let seconds = Double(request.deadline.remaining.milliseconds) / 1000 + 10
    let begun = try database.execute(
      """
      INSERT INTO idempotency_keys AS known (caller, key_digest, request_digest, expires_at)
      VALUES (\(ticket.source), \(ticket.keyDigest), \(ticket.requestDigest),
        coalesce(\(now), statement_timestamp()) + make_interval(secs => \(seconds)))
      ON CONFLICT (caller, key_digest) DO UPDATE
        SET request_digest = excluded.request_digest, resource = NULL, expires_at = excluded.expires_at
        WHERE known.expires_at <= coalesce(\(now), statement_timestamp())
      """, by: deadline)
    if begun == 1 { return .begun(ticket) }
    guard let stored = try stored(ticket, by: deadline) else {
      throw Failure(.conflict, "a request with this Idempotency-Key has just failed; send it again", retryAfter: 1)
    }
    guard stored.requestDigest == ticket.requestDigest else {
      throw Failure(.conflict, "this Idempotency-Key was used with another request; use a new key for a new request")
    }
    guard let resource = stored.resource else {
      throw Failure(
        .conflict, "a request with this Idempotency-Key is still running", retryAfter: min(stored.secondsLeft, 5))
    }
    return .repeated(resource: resource)
  }

  private struct StoredKey: Decodable {
    let requestDigest: [UInt8]
    let resource: String?
    let secondsLeft: Int
  }

  private func stored(_ ticket: Ticket, by deadline: ContinuousClock.Instant) throws -> StoredKey? {
    try database.rows(
      """
      SELECT request_digest, resource,
        greatest(1, ceil(extract(epoch FROM expires_at - coalesce(\(now), statement_timestamp()))))::bigint
          AS seconds_left
      FROM idempotency_keys WHERE caller = \(ticket.source) AND key_digest = \(ticket.keyDigest)
      """, as: StoredKey.self, by: deadline
    ).first
  }

  /// Stores the resource that was made under the key, in the transaction that stores the resource itself.
  ///
  /// - Throws: `conflict` if another request took the key over; the error rolls the transaction back.
  package static func finish(_ ticket: Ticket, resource: String, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE idempotency_keys SET resource = \(resource),
        expires_at = coalesce(\(ticket.now), statement_timestamp()) + \(unsafeSQL: retention)
      WHERE caller = \(ticket.source) AND key_digest = \(ticket.keyDigest)
        AND request_digest = \(ticket.requestDigest) AND resource IS NULL
      """)
    guard count == 1 else {
      throw Failure(.conflict, "a request with this Idempotency-Key is still running", retryAfter: 5)
    }
  }

  /// As ``finish(_:resource:in:)`` for a resource that is stored already, in a transaction of its own.
  package func finish(_ ticket: Ticket, resource: String, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try Self.finish(ticket, resource: resource, in: &$0) }
  }

  /// Deletes the key of a request that failed or stored nothing; does nothing if the ticket was finished.
  package func release(_ ticket: Ticket, by deadline: ContinuousClock.Instant) {
    // If this fails too, the key expires.
    _ = try? database.execute(
      """
      DELETE FROM idempotency_keys WHERE caller = \(ticket.source) AND key_digest = \(ticket.keyDigest)
        AND request_digest = \(ticket.requestDigest) AND resource IS NULL
      """, by: deadline)
  }

  /// Deletes the keys under which resources were made, because the resources are erased.
  ///
  /// - Parameter resources: ids without line breaks.
  package static func delete(resources: [String], in transaction: inout Transaction) {
    if resources.isEmpty { return }
    let list = resources.joined(separator: "\n")
    transaction.send("DELETE FROM idempotency_keys WHERE resource = ANY (string_to_array(\(list), chr(10)))")
  }

  /// Deletes keys that expired.
  func purge(by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    try database.execute(
      "DELETE FROM idempotency_keys WHERE expires_at < coalesce(\(now), statement_timestamp())", by: deadline)
  }

  /// Runs `make` once per key.
  ///
  /// - Parameters:
  ///   - repeated: returns the resource that an earlier request with the key made.
  ///   - make: makes the resource, and finishes the ticket in the transaction that stores it. If it returns with an
  ///     unfinished ticket, the key is released.
  package func once<Made>(
    _ request: Request, of source: Source, repeated: (_ resource: String) throws -> Made,
    make: (Ticket?) async throws -> Made
  ) async throws -> Made {
    switch try begin(request, of: source) {
    case .unkeyed: return try await make(nil)
    case .repeated(let resource): return try repeated(resource)
    case .begun(let ticket):
      // If `make` finished the ticket, this does nothing.
      defer { release(ticket, by: ContinuousClock.now.advanced(by: .seconds(2))) }
      return try await make(ticket)
    }
  }
}
