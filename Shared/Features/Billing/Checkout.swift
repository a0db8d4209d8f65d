package import Access
import Accounts
package import Contract
import FoundationEssentials
import Postgres
package import Stripe

/// The routes of the `checkout` function: the catalog, checkout sessions, the customer portal and claiming an API key.
package struct Checkout: Sendable {
  private let access: Access
  private let sessions: CheckoutSessions
  private let origins: [String]

  /// - Parameters:
  ///   - client: nil if no secret key is set.
  ///   - origins: the allowed origins of redirect URLs, such as `https://example.com`.
  ///   - patience: how long to wait for Stripe to create a customer. Stripe usually takes half of the default.
  package init(
    _ access: Access, settings: BillingSettings, client: StripeClient?, origins: [String],
    patience: Duration = .milliseconds(600)
  ) {
    self.access = access
    self.origins = origins
    sessions = CheckoutSessions(
      database: access.database, settings: settings, client: client, customerTimeout: patience)
  }

  /// `GET /checkout` lists the products.
  package var catalog: Operation {
    access.openGet("/checkout", .read) { _ in Response.json(Catalog()) }
  }

  /// `POST /checkout` opens a checkout session, and stores it before it responds.
  ///
  /// With a credential, the purchase is added to its account. Without one, it opens a new account, even if the email is
  /// known.
  package var start: Operation {
    access.openPost("/checkout", CheckoutRequest.self, .checkout) { input, call in
      let deadline = call.deadline.instant
      let session = try await access.once(call, repeated: { try sessions.opened($0, by: deadline) }) { call in
        let order = try CheckoutSessions.Order(input, origins: origins)
        return try await sessions.open(order, for: call.caller?.account, call.ticket, by: deadline)
      }
      return Response.json(session, status: 201)
    }
  }

  /// `POST /checkout/portal` returns the URL of Stripe's customer portal, which changes and cancels subscriptions.
  package var portal: Operation {
    access.post("/checkout/portal", PortalRequest.self, .checkout) { input, call in
      let returnURL = try RedirectURL.check(
        input.returnUrl ?? origins.first { $0 != "*" } ?? "", field: "returnUrl", origins)
      let deadline = call.deadline.instant
      let customers = try access.database.rows(
        """
        SELECT customer_id FROM checkouts WHERE account_id = \(call.account.id) AND customer_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1
        """, as: String.self, by: deadline)
      guard call.account.kind == .customer, let customer = customers.first else {
        throw Failure(.notFound, "this account has no purchases yet; start one with POST /checkout")
      }
      func createPortalSession(_ key: String) async throws -> String {
        try await sessions.withStripe {
          try await $0.createPortalSession(
            customer: customer, returnURL: returnURL, idempotencyKey: key, by: deadline)
        }
      }
      // Store only the idempotency key that was sent to Stripe, which returns the same session for it. The session's
      // URL is as sensitive as a credential.
      let session = try await access.once(call, repeated: { PortalSession(key: $0, url: nil) }) { call in
        let key = UUID().text + "-portal"
        let url = try await createPortalSession(key)
        if let ticket = call.ticket { try access.keys.finish(ticket, resource: key, by: deadline) }
        return PortalSession(key: key, url: url)
      }
      let url = if let url = session.url { url } else { try await createPortalSession(session.key) }
      return Response.json(["url": url])
    }
  }

  private struct PortalSession {
    let key: String
    /// Nil if the session was created for an earlier request.
    let url: String?
  }

  /// `POST /checkout/claim` returns an API key of the account that paid a session, to a caller that has the session id
  /// and its claim token.
  package var claim: Operation {
    access.openPost("/checkout/claim", ClaimRequest.self, .claim) { input, call in
      let claim = Claim(input, idempotencyKey: call.request.event.headers["idempotency-key"])
      let deadline = call.deadline.instant
      let key = try await access.once(
        call, repeated: { id in try access.database.transaction(by: deadline) { try claim.repeated(id, in: &$0) } }
      ) { call in
        try access.database.transaction(by: deadline) { transaction in
          let made = try claim.perform(in: &transaction)
          if let ticket = call.ticket {
            try IdempotencyKeys.finish(ticket, resource: made.id.uuidString, in: &transaction)
          }
          return made.key
        }
      }
      return Response.json(["apiKey": key.text], status: 201)
    }
  }
}
