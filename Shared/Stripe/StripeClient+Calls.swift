extension StripeClient {
  private struct Made: Decodable { let id: String }
  private struct Opened: Decodable { let url: String }

  /// - Returns: the customer's id.
  package func createCustomer(
    email: String?, metadata: [String: String], idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> String {
    try await send(
      .createCustomer(email: email, metadata: metadata, idempotencyKey: idempotencyKey), as: Made.self, by: deadline
    ).id
  }

  package func createCheckoutSession(
    _ session: StripeCheckoutSessionRequest, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeOpenedSession {
    try await send(
      .createCheckoutSession(session, idempotencyKey: idempotencyKey), as: StripeOpenedSession.self, by: deadline)
  }

  /// - Returns: where the customer changes and ends what they pay.
  package func createPortalSession(
    customer: String, returnURL: String, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> String {
    let request = StripeRequest.createPortalSession(
      customer: customer, returnURL: returnURL, idempotencyKey: idempotencyKey)
    return try await send(request, as: Opened.self, by: deadline).url
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

  /// Ends it at once. One that has ended already is refused with 404, also where an earlier answer was lost on the way.
  package func cancelSubscription(_ id: String, by deadline: ContinuousClock.Instant) async throws(StripeError)
    -> StripeSubscription
  {
    try await send(.cancelSubscription(id), as: StripeSubscription.self, by: deadline)
  }

  /// Lets it run to the end of what is paid.
  package func cancelSubscriptionAtPeriodEnd(
    _ id: String, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeSubscription {
    try await send(
      .cancelSubscriptionAtPeriodEnd(id, idempotencyKey: idempotencyKey), as: StripeSubscription.self, by: deadline)
  }
}
