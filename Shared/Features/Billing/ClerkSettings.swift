import Accounts
package import Contract

/// What the operator says about Clerk.
package struct ClerkSettings: Sendable {
  let secrets: [Secret]
  private let environment: Environment

  package init(_ environment: Environment) {
    self.environment = environment
    secrets = environment.list("CLERK_WEBHOOK_SECRET").map(Secret.init)
  }

  /// What `iss` is in its tokens: it finds the same accounts.
  ///
  /// - Throws: `unavailable`, naming `JWT_ISSUER`.
  func issuer() throws(Failure) -> String { try TokenSettings.issuer(environment, for: "CLERK_WEBHOOK_SECRET") }
}
