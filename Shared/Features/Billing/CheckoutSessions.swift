import Access
import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Metering
import Postgres
import Stripe

/// Opens Stripe checkout sessions, and stores the terms of each one before the buyer can pay.
struct CheckoutSessions: Sendable {
  let database: Database
  let settings: BillingSettings
  /// Nil if no secret key is set.
  let client: StripeClient?
  /// How long ``open(_:for:_:by:)`` waits for Stripe to create a customer.
  let customerTimeout: Duration

  /// A checkout request with checked URLs.
  struct Order: Sendable {
    let product: Product
    let email: Email
    let successURL: String
    let cancelURL: String

    init(_ request: CheckoutRequest, origins: [String]) throws(Failure) {
      product = request.product
      email = request.email
      successURL = try RedirectURL.check(request.successUrl, field: "successUrl", origins)
      cancelURL = try RedirectURL.check(request.cancelUrl, field: "cancelUrl", origins)
    }
  }

  /// Opens a checkout session at Stripe and stores it.
  ///
  /// - Parameters:
  ///   - buyer: the account that gets the product; nil to open a new account.
  ///   - ticket: finished in the transaction that stores the session.
  func open(
    _ order: Order, for buyer: Account?, _ ticket: IdempotencyKeys.Ticket?, by deadline: ContinuousClock.Instant
  ) async throws -> OpenedCheckout {
    let price = try settings.price(of: order.product)
    let account = buyer?.id ?? UUID()
    let checkout = UUID().text
    let customer = try await customer(
      of: account, isNew: buyer == nil, order.email, key: checkout + "-customer", by: deadline)
    let metadata = ["account": account.text, "checkout": checkout, "product": order.product.id]
    let session = try await withStripe {
      try await $0.createCheckoutSession(
        StripeCheckoutSessionRequest(
          mode: order.product.mode, customer: customer, customerEmail: order.email.address, price: price,
          successURL: order.successURL, cancelURL: order.cancelURL,
          clientReferenceID: account.text, metadata: metadata),
        idempotencyKey: checkout + "-session", by: deadline)
    }
    try checkPrice(of: session, for: order.product)
    guard let token = claimToken(of: session.id) else { throw Failure(.unavailable, "STRIPE_SECRET_KEY is not set") }
    let opened = OpenedCheckout(
      id: session.id, url: session.url, expiresAt: Date(timeIntervalSince1970: Double(session.expiresAt)),
      claimToken: token)
    let row = Row(checkout: checkout, account: account, customer: customer, price: price, product: order.product)
    try database.transaction(by: deadline) { transaction in
      if buyer == nil {
        Accounts.openForPurchase(account, email: order.email, in: &transaction)
      } else {
        try Accounts.requireNotErased(account, in: &transaction)
      }
      store(row, opened, in: &transaction)
      Accounts.record(
        "checkout_opened", "\(order.product.id), \(session.id)", of: account, by: buyer?.actor ?? "buyer",
        in: &transaction)
      if let ticket { try IdempotencyKeys.finish(ticket, resource: session.id, in: &transaction) }
    }
    return opened
  }

  /// The columns of `checkouts` that Stripe does not return.
  private struct Row {
    /// Our own id of the checkout, which Stripe stores in its metadata.
    let checkout: String
    let account: UUID
    let customer: String?
    let price: String
    let product: Product
  }

  private func store(_ row: Row, _ opened: OpenedCheckout, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits,
        claim_digest, url, expires_at)
      VALUES (\(row.account), \(opened.id), \(row.product.id), \(row.price), \(row.product.amount),
        \(Product.currency), \(row.product.mode.rawValue), \(row.customer), \(row.product.credits),
        \(Digest.sha256(Array(opened.claimToken.utf8))), \(opened.url), \(opened.expiresAt))
      """)
    for reference in [opened.id, row.checkout] {
      EventApplication.addReference(reference, of: row.account, session: opened.id, in: &transaction)
    }
    if let customer = row.customer {
      EventApplication.addReference(customer, of: row.account, session: nil, in: &transaction)
    }
  }

  /// Refuses a session whose price was changed at Stripe, because its payment would not be accepted.
  private func checkPrice(of session: StripeCreatedCheckoutSession, for product: Product) throws(Failure) {
    guard session.amountTotal ?? product.amount == product.amount,
      session.currency ?? Product.currency == Product.currency
    else {
      let setting = BillingSettings.priceSetting(of: product)
      throw Failure(
        .unavailable,
        "the Stripe price in \(setting) must be \(product.amount) \(Product.currency) for \(product.name)",
        details: ["setting": setting])
    }
  }

  /// Returns the account's customer at Stripe, and creates one if the account has none.
  ///
  /// - Returns: nil if Stripe does not create the customer within ``customerTimeout``, so that the buyer does not wait
  ///   for two slow requests. Then Stripe creates a customer when the session is paid, and the event names it. A
  ///   customer that was created too late stays unused at Stripe.
  private func customer(
    of account: UUID, isNew: Bool, _ email: Email, key: String, by deadline: ContinuousClock.Instant
  ) async throws -> String? {
    if !isNew {
      let customers = try database.rows(
        """
        SELECT customer_id FROM checkouts WHERE account_id = \(account) AND customer_id IS NOT NULL
        ORDER BY created_at LIMIT 1
        """, as: String.self, by: deadline)
      if let customer = customers.first { return customer }
    }
    return try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask {
        try await withStripe {
          try await $0.createCustomer(
            email: email.address, metadata: ["account": account.text], idempotencyKey: key,
            by: deadline)
        }
      }
      group.addTask {
        try? await Task.sleep(for: customerTimeout)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Returns the token that claims the API key of a session; nil if no secret key is set.
  ///
  /// It is derived from the secret key, so that a repeated request gets the same token although only its digest is
  /// stored.
  func claimToken(of session: String) -> String? {
    settings.secretKey.map {
      Hex.encode(Digest.hmacSHA256(Array("claim \(session)".utf8), key: Array($0.reveal().utf8)))
    }
  }

  /// Returns the response for a session that was opened before with the same idempotency key.
  func opened(_ session: String, by deadline: ContinuousClock.Instant) throws -> OpenedCheckout {
    let found = try database.rows(
      """
      SELECT url, checkouts.expires_at, claim_digest
      FROM stripe_references JOIN checkouts USING (account_id, session_id)
      WHERE reference = \(session) AND url <> ''
      """, as: OpenedRow.self, by: deadline)
    guard let row = found.first, let token = claimToken(of: session) else {
      throw Failure(
        .notFound,
        "the checkout of this Idempotency-Key no longer exists; open another one with a new Idempotency-Key")
    }
    guard ConstantTime.areEqual(Digest.sha256(Array(token.utf8)), row.claimDigest) else {
      throw Failure(
        .conflict,
        "STRIPE_SECRET_KEY has changed since this checkout was opened, so its claimToken cannot be returned again; "
          + "use the one from the first response, or open another checkout with a new Idempotency-Key")
    }
    return OpenedCheckout(id: session, url: row.url, expiresAt: row.expiresAt, claimToken: token)
  }

  private struct OpenedRow: Decodable {
    let url: String
    let expiresAt: Date?
    let claimDigest: [UInt8]
  }

  /// Runs `body` with the Stripe client, and converts its errors to failures.
  ///
  /// - Throws: `unavailable` if no secret key is set.
  func withStripe<Answer>(_ body: (StripeClient) async throws -> Answer) async throws -> Answer {
    guard let client else {
      throw Failure(
        .unavailable, "STRIPE_SECRET_KEY is not set; nothing can be sold", details: ["setting": "STRIPE_SECRET_KEY"])
    }
    do {
      return try await body(client)
    } catch let error as StripeError {
      throw error.failure
    }
  }
}
