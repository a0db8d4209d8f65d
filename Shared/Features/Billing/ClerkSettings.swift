import Access
import Accounts
package import Contract

/// The operator's settings for Clerk.
package struct ClerkSettings: Sendable {
  let secrets: [Secret]
  private let environment: Environment

  package init(_ environment: Environment) {
    self.environment = environment
    secrets = environment.list("CLERK_WEBHOOK_SECRET").map(Secret.init)
  }

  /// Returns the `iss` claim of Clerk's tokens, so that events and tokens find the same accounts.
  ///
  /// - Throws: `unavailable` if `JWT_ISSUER` is not set.
  func issuer() throws(Failure) -> String { try TokenSettings.issuer(environment, for: "CLERK_WEBHOOK_SECRET") }
}
