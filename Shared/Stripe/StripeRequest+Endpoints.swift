extension StripeRequest {
  /// docs.stripe.com/api/customers/create
  package static func createCustomer(email: String?, metadata: [String: String], idempotencyKey: String)
    -> StripeRequest
  {
    post("customers", idempotencyKey: idempotencyKey) {
      $0.add("email", email)
      $0.add("metadata", metadata)
    }
  }

  /// docs.stripe.com/api/checkout/sessions/create
  package static func createCheckoutSession(_ session: StripeCheckoutSessionRequest, idempotencyKey: String)
    -> StripeRequest
  {
    post("checkout", "sessions", idempotencyKey: idempotencyKey) {
      $0.add("mode", session.mode.rawValue)
      $0.add("customer", session.customer)
      $0.add("customer_email", session.customer == nil ? session.customerEmail : nil)
      // In subscription mode Stripe always creates a customer, and rejects this field.
      $0.add("customer_creation", session.customer == nil && session.mode == .payment ? "always" : nil)
      $0.add("line_items[0][price]", session.price)
      $0.add("line_items[0][quantity]", String(session.quantity))
      $0.add("success_url", session.successURL)
      $0.add("cancel_url", session.cancelURL)
      $0.add("client_reference_id", session.clientReferenceID)
      $0.add("expires_at", session.expiresAt.map(String.init))
      $0.add("metadata", session.metadata)
      // The created payment or subscription does not inherit the session's metadata.
      switch session.mode {
      case .payment: $0.add("payment_intent_data[metadata]", session.metadata)
      case .subscription: $0.add("subscription_data[metadata]", session.metadata)
      }
    }
  }

  /// docs.stripe.com/api/customer_portal/sessions/create
  package static func createPortalSession(customer: String, returnURL: String, idempotencyKey: String) -> StripeRequest
  {
    post("billing_portal", "sessions", idempotencyKey: idempotencyKey) {
      $0.add("customer", customer)
      $0.add("return_url", returnURL)
    }
  }

  /// docs.stripe.com/api/subscriptions/update
  package static func cancelSubscriptionAtPeriodEnd(_ id: String, idempotencyKey: String) throws(StripeError)
    -> StripeRequest
  {
    post("subscriptions", try check(id), idempotencyKey: idempotencyKey) { $0.add("cancel_at_period_end", "true") }
  }

  /// docs.stripe.com/api/subscriptions/cancel
  package static func cancelSubscription(_ id: String) throws(StripeError) -> StripeRequest {
    try delete("subscriptions", id: id)
  }

  package static func price(_ id: String) throws(StripeError) -> StripeRequest { try get("prices", id: id) }
  package static func subscription(_ id: String) throws(StripeError) -> StripeRequest {
    try get("subscriptions", id: id)
  }
  package static func checkoutSession(_ id: String) throws(StripeError) -> StripeRequest {
    try get("checkout", "sessions", id: id)
  }
  /// An invoice with its payments, which Stripe sends only if they are expanded.
  package static func invoice(_ id: String) throws(StripeError) -> StripeRequest {
    try get("invoices", id: id, expanding: "payments")
  }
  package static func invoicePayment(_ id: String) throws(StripeError) -> StripeRequest {
    try get("invoice_payments", id: id)
  }
  package static func charge(_ id: String) throws(StripeError) -> StripeRequest { try get("charges", id: id) }
  package static func refund(_ id: String) throws(StripeError) -> StripeRequest { try get("refunds", id: id) }
  package static func dispute(_ id: String) throws(StripeError) -> StripeRequest { try get("disputes", id: id) }
}
