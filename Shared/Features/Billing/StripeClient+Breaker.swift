package import Contract
package import Fetch
import Limits
package import Postgres
package import Stripe

extension StripeClient {
  /// The operator's account at Stripe, which all processes leave alone for a minute after five failures in a row; nil
  /// where no key is set.
  ///
  /// - Throws: `unavailable`, naming the setting, for a key that is none.
  package init?(_ environment: Environment, _ fetcher: Fetcher, _ database: Database) throws(Failure) {
    guard let text = environment["STRIPE_SECRET_KEY"] else { return nil }
    guard let key = StripeSecretKey(text) else {
      throw Failure(.unavailable, "STRIPE_SECRET_KEY is no key", details: ["setting": "STRIPE_SECRET_KEY"])
    }
    let breaker = CircuitBreaker(database, name: "stripe")
    self.init(
      fetcher, key: key, base: environment["STRIPE_API_BASE"] ?? StripeClient.defaultBase,
      attemptDuration: .seconds(10),
      breaker: StripeBreaker { (deadline) throws(StripeError) in
        // A breaker that cannot be asked holds nobody up: what follows needs the database too.
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
