import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// Exchanges the id and the claim token of a paid checkout session for an API key.
struct Claim {
  private let input: ClaimRequest
  private let idempotencyKey: String?

  init(_ input: ClaimRequest, idempotencyKey: String?) {
    self.input = input
    self.idempotencyKey = idempotencyKey
  }

  /// Creates an API key, and revokes the one of an earlier claim if it was never used.
  ///
  /// - Throws: `unauthorized`; `payment_required` if the session is not paid; `conflict` if the earlier key was used.
  func perform(in transaction: inout Transaction) throws -> (key: APIKey, id: UUID) {
    let checkout = try checkout(in: &transaction)
    guard checkout.state == .paid else {
      let state = checkout.state.rawValue
      throw Failure(
        .paymentRequired, "the checkout is not paid yet (state: \(state)); pay it, then claim again",
        details: ["state": state])
    }
    let made = try Accounts.replaceKey(
      checkout.keyID, of: checkout.accountID, by: "claim",
      as: idempotencyKey.map { idempotencyKey in { self.key($0, idempotencyKey) } }, in: &transaction)
    transaction.send(
      """
      UPDATE checkouts SET key_id = \(made.id)
      WHERE account_id = \(checkout.accountID) AND session_id = \(input.sessionId)
      """)
    return made
  }

  /// Returns the key of an earlier request with the same idempotency key.
  ///
  /// - Throws: `conflict` if that key was replaced or revoked.
  func repeated(_ id: String, in transaction: inout Transaction) throws -> APIKey {
    let checkout = try checkout(in: &transaction)
    guard let id = UUID(uuidString: id), let idempotencyKey, id == checkout.keyID else { throw Self.keyReplaced }
    let key = key(id, idempotencyKey)
    guard try Accounts.isValid(key, id: id, in: &transaction) else { throw Self.keyReplaced }
    return key
  }

  private static let keyReplaced = Failure(
    .conflict,
    "the API key of this Idempotency-Key was replaced or revoked; claim again with a new Idempotency-Key")

  /// Derives the key from the request, so that a repeated request gets the same key although only its digest is stored.
  private func key(_ id: UUID, _ idempotencyKey: String) -> APIKey {
    APIKey(derivedFrom: "\(id.uuidString) \(idempotencyKey)", secret: input.claimToken)
  }

  private struct ClaimedCheckout: Decodable {
    let accountID: UUID
    let claimDigest: [UInt8]
    let state: CheckoutState
    /// The key of the last claim.
    let keyID: UUID?
  }

  private func checkout(in transaction: inout Transaction) throws -> ClaimedCheckout {
    let found = try transaction.rows(
      """
      SELECT account_id, claim_digest, state, key_id
      FROM stripe_references JOIN checkouts USING (account_id, session_id)
      WHERE reference = \(input.sessionId) AND reference = session_id FOR UPDATE OF checkouts
      """, as: ClaimedCheckout.self)
    // An unknown session and a wrong token get the same response, after the same time.
    let digest = Digest.sha256(Array(input.claimToken.utf8))
    guard let checkout = found.first, ConstantTime.areEqual(digest, checkout.claimDigest) else {
      throw Failure(
        .unauthorized, "no checkout has this sessionId and claimToken; use both from the response of POST /checkout")
    }
    return checkout
  }
}
