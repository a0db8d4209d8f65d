package import Contract
package import Fetch
import Limits
package import Postgres
package import Stripe

extension StripeClient {
  /// A client for the operator's Stripe account, with a circuit breaker that all processes share.
  ///
  /// The breaker refuses requests for a minute after five failures in a row. The client is nil if no key is set.
  ///
  /// - Throws: `unavailable` with the setting's name if the key is not valid.
  package init?(_ environment: Environment, _ fetcher: Fetcher, _ database: Database) throws(Failure) {
    guard let text = environment["STRIPE_SECRET_KEY"] else { return nil }
    guard let key = StripeSecretKey(text) else {
      throw Failure(
        .unavailable, "STRIPE_SECRET_KEY is not a valid key (expected sk_test_… or sk_live_…)",
        details: ["setting": "STRIPE_SECRET_KEY"])
    }
    let breaker = CircuitBreaker(database, name: "stripe")
    self.init(
      fetcher, key: key, base: environment["STRIPE_API_BASE"] ?? StripeClient.defaultBase,
      attemptDuration: .seconds(10),
      breaker: StripeBreaker { (deadline) throws(StripeError) in
        // If the database is unavailable, allow the request; later statements will report the error.
        let permission = (try? breaker.check(by: deadline)) ?? .allowed
        if case .refused(let wait) = permission { throw .breakerOpen(retryAfter: wait) }
        return { isSuccess, deadline in
          if isSuccess {
            try? breaker.recordSuccess(permission, by: deadline)
          } else {
            try? breaker.recordFailure(permission, by: deadline)
          }
        }
      })
  }
}
