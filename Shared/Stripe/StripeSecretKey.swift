/// A secret key for Stripe's API. It prints, interpolates and reflects as `redacted`.
package struct StripeSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// - Returns: nil if the text is empty or has characters that a header cannot hold.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    self.text = text
  }

  /// True for a live-mode key, with which real money is moved. Test-mode keys begin with `sk_test_` or `rk_test_`
  /// (docs.stripe.com/keys).
  package var isLive: Bool { text.hasPrefix("sk_live_") || text.hasPrefix("rk_live_") }

  var authorization: String { "Bearer \(text)" }

  package var description: String { "redacted" }
  package var debugDescription: String { "redacted" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
