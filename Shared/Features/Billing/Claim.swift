import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// Gives the key of an account that was paid for, to whoever has both the session's id and its token.
struct Claim {
  private let input: ClaimRequest
  private let idempotencyKey: String?

  init(_ input: ClaimRequest, idempotencyKey: String?) {
    self.input = input
    self.idempotencyKey = idempotencyKey
  }

  func perform(in transaction: inout Transaction) throws -> (key: APIKey, id: UUID) {
    let (account, state, key) = try checkout(in: &transaction)
    guard state == "paid" else {
      throw Failure(
        .paymentRequired, "the checkout is not paid yet (\(state)); pay, and claim again", details: ["state": state])
    }
    let made = try Accounts.replaceKey(
      key, of: account, by: "claim", as: idempotencyKey.map { word in { self.key($0, word) } }, in: &transaction)
    transaction.send(
      "UPDATE checkouts SET key_id = \(made.id) WHERE account_id = \(account) AND session_id = \(input.sessionId)")
    return made
  }

  /// The key that the same request was given before.
  ///
  /// - Throws: `conflict` where that was replaced or revoked since.
  func again(_ id: String, in transaction: inout Transaction) throws -> APIKey {
    let (_, _, current) = try checkout(in: &transaction)
    guard let id = UUID(uuidString: id), let idempotencyKey, id == current else { throw Self.gone }
    let key = key(id, idempotencyKey)
    guard try Accounts.isValid(key, id: id, in: &transaction) else { throw Self.gone }
    return key
  }

  private static let gone = Failure(
    .conflict, "the key of this Idempotency-Key was replaced or revoked since; claim with a new one")

  /// Follows from what the request itself brings, so that it can be told again and is nowhere kept.
  private func key(_ id: UUID, _ idempotencyKey: String) -> APIKey {
    APIKey(of: "\(id.uuidString) \(idempotencyKey)", secret: input.claimToken)
  }

  private func checkout(in transaction: inout Transaction) throws -> (account: UUID, state: String, key: UUID?) {
    let found = try transaction.rows(
      """
      SELECT account_id, claim_digest, state, key_id FROM stripe_references JOIN checkouts USING (account_id, session_id)
      WHERE reference = \(input.sessionId) AND reference = session_id FOR UPDATE OF checkouts
      """, as: UUID.self, [UInt8].self, String.self, UUID?.self)
    // A session that is not there and a token that is wrong look alike, and take as long.
    let digest = Digest.sha256(Array(input.claimToken.utf8))
    guard let (account, expected, state, key) = found.first, ConstantTime.areEqual(digest, expected) else {
      throw Failure(.unauthorized, "no such checkout with this claimToken; both came with the answer of POST /checkout")
    }
    return (account, state, key)
  }
}
