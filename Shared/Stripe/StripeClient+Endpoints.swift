extension StripeClient {
  private struct CreatedObject: Decodable { let id: String }
  private struct PortalSession: Decodable { let url: String }

  /// - Returns: the customer's id.
  package func createCustomer(
    email: String?, metadata: [String: String], idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> String {
    try await send(
      .createCustomer(email: email, metadata: metadata, idempotencyKey: idempotencyKey), as: CreatedObject.self,
      by: deadline
    ).id
  }

  package func createCheckoutSession(
    _ session: StripeCheckoutSessionRequest, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeCreatedCheckoutSession {
    try await send(
      .createCheckoutSession(session, idempotencyKey: idempotencyKey), as: StripeCreatedCheckoutSession.self,
      by: deadline)
  }

  /// - Returns: the URL of the page where the customer changes or cancels subscriptions.
  package func createPortalSession(
    customer: String, returnURL: String, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> String {
    let request = StripeRequest.createPortalSession(
      customer: customer, returnURL: returnURL, idempotencyKey: idempotencyKey)
    return try await send(request, as: PortalSession.self, by: deadline).url
  }

  package func price(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError) -> StripePrice {
    try await send(.price(id), as: StripePrice.self, by: deadline)
  }

  package func subscription(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError)
    -> StripeSubscription
  {
    try await send(.subscription(id), as: StripeSubscription.self, by: deadline)
  }

  package func checkoutSession(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError)
    -> StripeCheckoutSession
  {
    try await send(.checkoutSession(id), as: StripeCheckoutSession.self, by: deadline)
  }

  package func invoice(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError) -> StripeInvoice {
    try await send(.invoice(id), as: StripeInvoice.self, by: deadline)
  }

  /// Ends a subscription immediately.
  ///
  /// Stripe returns 404 if it has already ended, for example if an earlier call succeeded but its response was lost.
  package func cancelSubscription(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError)
    -> StripeSubscription
  {
    try await send(.cancelSubscription(id), as: StripeSubscription.self, by: deadline)
  }

  /// Ends a subscription at the end of the period that is paid for.
  package func cancelSubscriptionAtPeriodEnd(
    _ id: String, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeSubscription {
    try await send(
      .cancelSubscriptionAtPeriodEnd(id, idempotencyKey: idempotencyKey), as: StripeSubscription.self, by: deadline)
  }
}
