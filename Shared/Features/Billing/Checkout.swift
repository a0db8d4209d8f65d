package import Accounts
package import Contract
import Cryptography
import FoundationEssentials
import Metering
package import Postgres
package import Stripe

/// Sells: the catalog, Stripe's pages to pay on, and the key of what was paid.
package struct Checkout: Sendable {
  private let database: Database
  private let settings: BillingSettings
  private let client: StripeClient?
  private let origins: [String]
  private let accounts: Accounts
  private let admission: Admission
  private let keys: IdempotencyKeys

  /// - Parameters:
  ///   - client: nil where no secret key is set.
  ///   - tokens: what JSON Web Tokens must say; nil where none are taken.
  ///   - keySet: keeps the keys of tokens fresh.
  ///   - origins: those that a buyer may be sent back to, such as `https://example.com`.
  package init(
    database: Database, settings: BillingSettings, client: StripeClient?, tokens: TokenSettings? = nil, keySet: KeySetRefresh? = nil,
    origins: [String]
  ) {
    self.database = database
    self.settings = settings
    self.client = client
    self.origins = origins
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
        let (session, _) = try await keys.once(request, made: { try opened($0, by: request.deadline.instant) }) { ticket in
          (try await open(input, request, ticket), nil)
        }
        return Response.json(session, status: 201)
      })
  }

  /// A session that was opened before, as it was told then.
  private func opened(_ session: String, by deadline: ContinuousClock.Instant) throws -> Opened {
    let found = try database.rows(
      """
      SELECT url, checkouts.expires_at FROM stripe_references JOIN checkouts USING (account_id, session_id) WHERE reference = \(session)
      """, as: String.self, Date?.self, by: deadline)
    guard let (url, expiresAt) = found.first, let token = claimToken(of: session) else {
      throw Failure(.notFound, "the checkout of this Idempotency-Key is gone; open another with a new key")
    }
    return Opened(id: session, url: url, expiresAt: expiresAt, claimToken: token)
  }

  /// Made from the secret key, so that it can be told again to a request that comes again, and is nowhere but with its buyer.
  private func claimToken(of session: String) -> String? {
    settings.secretKey.map { Hex.encode(Digest.hmacSHA256(Array("claim \(session)".utf8), key: Array($0.reveal().utf8))) }
  }

  /// `POST /checkout/portal`: Stripe's page on which the account's subscriptions are changed and ended.
  package var portal: Operation {
    admission.admit(
      .checkout,
      .post("/checkout/portal", PortalRequest.self) { input, request in
        let returnURL = try RedirectURL.check(input.returnUrl ?? origins.first { $0 != "*" } ?? "", field: "returnUrl", origins)
        let account = try accounts.account(for: request)
        let customers = try database.rows(
          "SELECT customer_id FROM checkouts WHERE account_id = \(account.id) ORDER BY created_at DESC LIMIT 1", as: String.self,
          by: request.deadline.instant)
        guard account.kind == .customer, let customer = customers.first else {
          throw Failure(.notFound, "nothing was bought with this account yet; POST /checkout sells")
        }
        let url = try await asking { try await $0.createPortalSession(
          customer: customer, returnURL: returnURL, idempotencyKey: UUID().uuidString, by: request.deadline.instant) }
        return Response.json(["url": url])
      })
  }

  /// `POST /checkout/claim`: the key of an account that was paid for, to whoever has both the session's id and its token.
  package var claim: Operation {
    admission.admit(
      .claim,
      .post("/checkout/claim", ClaimRequest.self) { input, request in
        Response.json(["apiKey": try claim(input, request).text], status: 201)
      })
  }

  // MARK: - Opening

  private func open(_ input: CheckoutRequest, _ request: Request, _ ticket: IdempotencyKeys.Ticket?) async throws -> Opened {
    let successURL = try RedirectURL.check(input.successUrl, field: "successUrl", origins)
    let cancelURL = try RedirectURL.check(input.cancelUrl, field: "cancelUrl", origins)
    let price = try settings.price(of: input.product)
    let deadline = request.deadline.instant

    // With a credential it adds to that account. Without one it opens a new one, whoever the email is of.
    let buyer = request.event.headers["authorization"] == nil ? nil : try accounts.account(for: request)
    let account = buyer?.id ?? UUID()
    let known = try buyer.flatMap { buyer in
      try database.rows(
        "SELECT customer_id FROM checkouts WHERE account_id = \(buyer.id) ORDER BY created_at LIMIT 1", as: String.self, by: deadline
      ).first
    }
    let checkout = UUID().uuidString.lowercased()
    let customer =
      if let known { known } else {
        try await asking { try await $0.createCustomer(
          email: input.email.address, metadata: ["account": account.uuidString.lowercased()], idempotencyKey: checkout + "-customer", by: deadline) }
      }
    let metadata = ["account": account.uuidString.lowercased(), "checkout": checkout, "product": input.product.id]
    let page = try await asking { try await $0.createCheckoutSession(
      StripeCheckoutSessionRequest(
        mode: input.product.mode, customer: customer, price: price, successURL: successURL, cancelURL: cancelURL,
        clientReferenceID: account.uuidString.lowercased(), metadata: metadata),
      idempotencyKey: checkout + "-session", by: deadline) }

    // A price that was changed at Stripe would be taken, and never believed.
    guard page.amountTotal ?? input.product.amount == input.product.amount, page.currency ?? Product.currency == Product.currency else {
      throw Failure(
        .unavailable, "the price that is set for \(input.product.name) is not \(input.product.amount) \(Product.currency) at Stripe",
        details: ["setting": BillingSettings.priceSetting(of: input.product)])
    }
    guard let token = claimToken(of: page.id) else { throw Failure(.unavailable, "STRIPE_SECRET_KEY is not set") }
    let expiresAt = Date(timeIntervalSince1970: Double(page.expiresAt))
    try database.transaction(by: deadline) { transaction in
      if buyer == nil {
        try transaction.execute(
          "INSERT INTO accounts (account_id, kind, email) VALUES (\(account), 'customer', \(input.email.address))")
      }
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest, url, expires_at)
        VALUES (\(account), \(page.id), \(input.product.id), \(price), \(input.product.amount), \(Product.currency), \(input.product.mode.rawValue),
          \(customer), \(input.product.credits), \(Digest.sha256(Array(token.utf8))), \(page.url), \(expiresAt as Date?))
        """)
      for (reference, session) in [(page.id, page.id), (checkout, page.id), (customer, nil)] {
        try EventApplication.remember(reference, of: account, session: session, in: &transaction)
      }
      try Accounts.record("checkout_opened", "\(input.product.id), \(page.id)", of: account, by: buyer?.actor ?? "buyer", in: &transaction)
      if let ticket { try IdempotencyKeys.finish(ticket, resource: page.id, in: &transaction) }
    }
    return Opened(id: page.id, url: page.url, expiresAt: expiresAt, claimToken: token)
  }

  private func asking<Answer>(_ body: (StripeClient) async throws -> Answer) async throws -> Answer {
    guard let client else {
      throw Failure(.unavailable, "STRIPE_SECRET_KEY is not set; nothing can be sold", details: ["setting": "STRIPE_SECRET_KEY"])
    }
    do {
      return try await body(client)
    } catch let error as StripeError {
      throw error.failure
    }
  }

  // MARK: - Claiming

  private func claim(_ input: ClaimRequest, _ request: Request) throws -> APIKey {
    try database.transaction(by: request.deadline.instant) { transaction in
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
      guard state == "paid" else {
        throw Failure(.paymentRequired, "the checkout is not paid yet (\(state)); pay, and claim again", details: ["state": state])
      }
      let made = try Accounts.replaceKey(key, of: account, by: "claim", in: &transaction)
      try transaction.execute(
        "UPDATE checkouts SET key_id = \(made.id) WHERE account_id = \(account) AND session_id = \(input.sessionId)")
      return made.key
    }
  }

  private struct Opened: Encodable {
    let id: String
    let url: String
    let expiresAt: Date?
    let claimToken: String
  }
}

extension StripeError {
  /// What a caller is told of it: whether it is worth trying again.
  var failure: Failure {
    switch self {
    case .breakerOpen(let wait): Failure(.unavailable, "payments are not possible for the moment", retryAfter: Int((wait / .seconds(1)).rounded(.up)))
    case .refused(401, _, _, _): Failure(.unavailable, "Stripe does not take STRIPE_SECRET_KEY", details: ["setting": "STRIPE_SECRET_KEY"])
    case .refused(_, _, "resource_missing", let parameter?) where parameter.contains("price"):
      Failure(.unavailable, "Stripe does not know the price that is set for this product", details: ["parameter": parameter])
    default: Failure(.upstreamFailed, "\(self)")
    }
  }
}
