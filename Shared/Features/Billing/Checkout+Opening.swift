import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Metering
import Postgres
import Stripe

extension Checkout {
  /// Opens the page, and stores what is being bought.
  func open(
    _ input: CheckoutRequest, _ urls: (success: String, cancel: String), for buyer: Account?,
    _ ticket: IdempotencyKeys.Ticket?,
    by deadline: ContinuousClock.Instant
  ) async throws -> OpenedCheckout {
    let price = try settings.price(of: input.product)
    let account = buyer?.id ?? UUID()
    let checkout = UUID().uuidString.lowercased()
    let customer = try await customer(
      of: account, isNew: buyer == nil, input.email, key: checkout + "-customer", by: deadline)
    let metadata = ["account": account.uuidString.lowercased(), "checkout": checkout, "product": input.product.id]
    let page = try await asking {
      try await $0.createCheckoutSession(
        StripeCheckoutSessionRequest(
          mode: input.product.mode, customer: customer, customerEmail: input.email.address, price: price,
          successURL: urls.success,
          cancelURL: urls.cancel, clientReferenceID: account.uuidString.lowercased(), metadata: metadata),
        idempotencyKey: checkout + "-session", by: deadline)
    }

    // A price that was changed at Stripe would be taken, and never believed.
    guard page.amountTotal ?? input.product.amount == input.product.amount,
      page.currency ?? Product.currency == Product.currency
    else {
      throw Failure(
        .unavailable,
        "the price that is set for \(input.product.name) is not \(input.product.amount) \(Product.currency) at Stripe",
        details: ["setting": BillingSettings.priceSetting(of: input.product)])
    }
    guard let token = claimToken(of: page.id) else { throw Failure(.unavailable, "STRIPE_SECRET_KEY is not set") }
    let expiresAt = Date(timeIntervalSince1970: Double(page.expiresAt))
    try database.transaction(by: deadline) { transaction in
      if buyer == nil {
        transaction.send(
          "INSERT INTO accounts (account_id, kind, email) VALUES (\(account), 'customer', \(input.email.address))")
      } else {
        try Accounts.confirm(account, in: &transaction)
      }
      transaction.send(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest, url, expires_at)
        VALUES (\(account), \(page.id), \(input.product.id), \(price), \(input.product.amount), \(Product.currency), \(input.product.mode.rawValue),
          \(customer), \(input.product.credits), \(Digest.sha256(Array(token.utf8))), \(page.url), \(expiresAt as Date?))
        """)
      for reference in [page.id, checkout] {
        EventApplication.remember(reference, of: account, session: page.id, in: &transaction)
      }
      if let customer { EventApplication.remember(customer, of: account, session: nil, in: &transaction) }
      Accounts.record(
        "checkout_opened", "\(input.product.id), \(page.id)", of: account, by: buyer?.actor ?? "buyer", in: &transaction
      )
      if let ticket { try IdempotencyKeys.finish(ticket, resource: page.id, in: &transaction) }
    }
    return OpenedCheckout(id: page.id, url: page.url, expiresAt: expiresAt, claimToken: token)
  }

  /// The account's customer at Stripe, made where it has none; nil where Stripe does not make one in time.
  ///
  /// A buyer does not wait for two slow answers, one after the other: then the page is opened without a customer,
  /// Stripe makes one when it is
  /// paid, and the delivery of that says whose it is. A customer that was made after all stays at Stripe, and owes
  /// nothing.
  private func customer(
    of account: UUID, isNew: Bool, _ email: Email, key: String, by deadline: ContinuousClock.Instant
  ) async throws -> String? {
    if !isNew {
      let known = try database.rows(
        "SELECT customer_id FROM checkouts WHERE account_id = \(account) AND customer_id IS NOT NULL ORDER BY created_at LIMIT 1",
        as: String.self, by: deadline)
      if let known = known.first { return known }
    }
    return try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask {
        try await asking {
          try await $0.createCustomer(
            email: email.address, metadata: ["account": account.uuidString.lowercased()], idempotencyKey: key,
            by: deadline)
        }
      }
      group.addTask {
        try? await Task.sleep(for: patience)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  func asking<Answer>(_ body: (StripeClient) async throws -> Answer) async throws -> Answer {
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

extension StripeError {
  /// What a caller is told of it: whether it is worth trying again.
  var failure: Failure {
    switch self {
    case .breakerOpen(let wait):
      Failure(
        .unavailable, "payments are not possible for the moment", retryAfter: Int((wait / .seconds(1)).rounded(.up)))
    case .refused(401, _, _, _):
      Failure(.unavailable, "Stripe does not take STRIPE_SECRET_KEY", details: ["setting": "STRIPE_SECRET_KEY"])
    case .refused(_, _, "resource_missing", let parameter?) where parameter.contains("price"):
      Failure(
        .unavailable, "Stripe does not know the price that is set for this product", details: ["parameter": parameter])
    default: Failure(.upstreamFailed, "\(self)")
    }
  }
}
