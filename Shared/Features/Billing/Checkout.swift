package import Accounts
package import Contract
import Cryptography
import FoundationEssentials
import Metering
package import Postgres
package import Stripe

/// Sells: the catalog, Stripe's pages to pay on, and the key of what was paid.
package struct Checkout: Sendable {
  let database: Database
  let settings: BillingSettings
  let client: StripeClient?
  /// How long a page waits for its customer to be made.
  let patience: Duration
  private let origins: [String]
  private let accounts: Accounts
  private let admission: Admission
  private let keys: IdempotencyKeys

  /// - Parameters:
  ///   - client: nil where no secret key is set.
  ///   - tokens: what JSON Web Tokens must say; nil where none are taken.
  ///   - keySet: keeps the keys of tokens fresh.
  ///   - origins: those that a buyer may be sent back to, such as `https://example.com`.
  ///   - patience: how long a page waits for its customer to be made; Stripe takes half of it, on an ordinary day.
  package init(
    database: Database, settings: BillingSettings, client: StripeClient?, tokens: TokenSettings? = nil,
    keySet: KeySetRefresh? = nil,
    origins: [String], patience: Duration = .milliseconds(600)
  ) {
    self.database = database
    self.settings = settings
    self.client = client
    self.origins = origins
    self.patience = patience
    accounts = Accounts(database, tokens: tokens)
    admission = Admission(database, accounts, keySet: keySet)
    keys = IdempotencyKeys(database)
  }

  /// `GET /checkout`: what is sold.
  package var catalog: Operation {
    admission.admit(.read, Operation("GET", "/checkout") { _ in Response.json(Catalog()) })
  }

  /// `POST /checkout`: opens a session to pay in, and stores what is being bought before it says so.
  package var start: Operation {
    admission.admit(
      .checkout,
      .post("/checkout", CheckoutRequest.self) { input, request in
        // With a credential it adds to that account. Without one it opens a new one, whoever the email is of. A
        // credential that is not
        // valid any more is told nothing of what was made with it.
        let buyer = request.event.headers["authorization"] == nil ? nil : try accounts.account(for: request)
        let (session, _) = try await keys.once(request, made: { try opened($0, by: request.deadline.instant) }) {
          ticket in
          let successURL = try RedirectURL.check(input.successUrl, field: "successUrl", origins)
          let cancelURL = try RedirectURL.check(input.cancelUrl, field: "cancelUrl", origins)
          return (try await open(input, (successURL, cancelURL), for: buyer, ticket, by: request.deadline.instant), nil)
        }
        return Response.json(session, status: 201)
      })
  }

  /// A session that was opened before, as it was told then.
  private func opened(_ session: String, by deadline: ContinuousClock.Instant) throws -> OpenedCheckout {
    let found = try database.rows(
      """
      SELECT url, checkouts.expires_at, claim_digest FROM stripe_references JOIN checkouts USING (account_id, session_id)
      WHERE reference = \(session) AND url <> ''
      """, as: String.self, Date?.self, [UInt8].self, by: deadline)
    guard let (url, expiresAt, digest) = found.first, let token = claimToken(of: session) else {
      throw Failure(.notFound, "the checkout of this Idempotency-Key is gone; open another with a new key")
    }
    // The token follows from the secret key, and is nowhere kept: with another key it cannot be told again.
    guard ConstantTime.areEqual(Digest.sha256(Array(token.utf8)), digest) else {
      throw Failure(
        .conflict,
        "STRIPE_SECRET_KEY was changed since this checkout was opened, so its claimToken cannot be told again; the one that was told is good, else open another with a new Idempotency-Key"
      )
    }
    return OpenedCheckout(id: session, url: url, expiresAt: expiresAt, claimToken: token)
  }

  /// Made from the secret key, so that it can be told again to a request that comes again, and is nowhere but with its
  /// buyer.
  func claimToken(of session: String) -> String? {
    settings.secretKey.map {
      Hex.encode(Digest.hmacSHA256(Array("claim \(session)".utf8), key: Array($0.reveal().utf8)))
    }
  }

  /// `POST /checkout/portal`: Stripe's page on which the account's subscriptions are changed and ended.
  package var portal: Operation {
    admission.admit(
      .checkout,
      .post("/checkout/portal", PortalRequest.self) { input, request in
        let returnURL = try RedirectURL.check(
          input.returnUrl ?? origins.first { $0 != "*" } ?? "", field: "returnUrl", origins)
        let account = try accounts.account(for: request)
        let deadline = request.deadline.instant
        let customers = try database.rows(
          "SELECT customer_id FROM checkouts WHERE account_id = \(account.id) AND customer_id IS NOT NULL ORDER BY created_at DESC LIMIT 1",
          as: String.self, by: deadline)
        guard account.kind == .customer, let customer = customers.first else {
          throw Failure(.notFound, "nothing was bought with this account yet; POST /checkout sells")
        }
        func ask(_ key: String) async throws -> String {
          try await asking {
            try await $0.createPortalSession(
              customer: customer, returnURL: returnURL, idempotencyKey: key, by: deadline)
          }
        }
        // Stripe keeps the page under the key that it was asked with; here stands only that, for the page is as good as
        // a credential.
        let ((key, made), _) = try await keys.once(request, made: { ($0, String?.none) }) { ticket in
          let key = UUID().uuidString.lowercased() + "-portal"
          let url = try await ask(key)
          if let ticket { try keys.keep(key, under: ticket, by: deadline) }
          return ((key, url), nil)
        }
        let url = if let made { made } else { try await ask(key) }
        return Response.json(["url": url])
      })
  }

  /// `POST /checkout/claim`: the key of an account that was paid for, to whoever has both the session's id and its
  /// token.
  package var claim: Operation {
    admission.admit(
      .claim,
      .post("/checkout/claim", ClaimRequest.self) { input, request in
        let claim = Claim(input, idempotencyKey: request.event.headers["idempotency-key"])
        let deadline = request.deadline.instant
        let (key, _) = try await keys.once(
          request, made: { id in try database.transaction(by: deadline) { try claim.again(id, in: &$0) } }
        ) { ticket in
          let key = try database.transaction(by: deadline) { transaction in
            let made = try claim.perform(in: &transaction)
            if let ticket { try IdempotencyKeys.finish(ticket, resource: made.id.uuidString, in: &transaction) }
            return made.key
          }
          return (key, nil)
        }
        return Response.json(["apiKey": key.text], status: 201)
      })
  }
}

/// What `POST /checkout` answers.
struct OpenedCheckout: Encodable {
  let id: String
  let url: String
  let expiresAt: Date?
  let claimToken: String
}
