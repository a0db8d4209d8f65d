import Contract

/// A URL that Stripe redirects the buyer to. Only origins that the operator allows are accepted, which prevents open
/// redirects.
enum RedirectURL {
  /// Returns the URL unchanged if it is on an allowed origin.
  ///
  /// - Parameters:
  ///   - field: the request's field, for the error.
  ///   - origins: the allowed origins, such as `https://example.com`. `*` allows none.
  static func check(_ text: String, field: String, _ origins: [String]) throws(Failure) -> String {
    let isAllowed = origins.contains { origin in
      guard origin != "*", text.hasPrefix(origin) else { return false }
      return [nil, "/", "?", "#"].contains(text.dropFirst(origin.count).first)
    }
    guard isAllowed, text.utf8.count <= 2_000, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x5c }) else {
      throw Failure.invalidField(
        field, "\(field) must begin with one of the origins in CORS_ALLOWED_ORIGINS, such as https://example.com/thanks"
      )
    }
    return text
  }
}
