package import Fetch
package import Web

/// The headers and limits of a request, and the rules of politeness that it follows.
///
/// The defaults are the polite ones: robots.txt is asked and the pause between requests is kept, for each request of a
/// chain of redirects.
package struct RequestPolicy: Sendable {
  /// The requests in a chain of redirects that a rule applies to.
  package enum Extent: Sendable { case everyRequest, firstRequest, never }

  package var method = "GET"
  package var headers: [String: String] = [:]
  package var limits: FetchLimits
  /// The requests that robots.txt must allow.
  package var robots = Extent.everyRequest
  /// The requests that wait for their turn.
  package var pace = Extent.everyRequest
  /// Whether a request is sent again after the pause that a response with status 429 or 503 asks for.
  package var retriesAfterPause = false
  /// RFC 9309, section 2.3.1.2, asks for at least five.
  package var maximumRedirects = 5
  /// Receives the body in pieces, with the URL it comes from; returns whether to continue.
  package var onBody: (@Sendable (NormalizedURL, [UInt8]) -> Bool)?

  package init(
    method: String = "GET", headers: [String: String] = [:], limits: FetchLimits = .page,
    robots: Extent = .everyRequest, pace: Extent = .everyRequest
  ) {
    self.method = method
    self.headers = headers
    self.limits = limits
    self.robots = robots
    self.pace = pace
  }

  /// For robots.txt itself.
  static let robotsFile = RequestPolicy(limits: .robots, robots: .never, pace: .never)

  /// The policy for the requests after the first.
  var afterRedirect: RequestPolicy {
    var policy = self
    if robots == .firstRequest { policy.robots = .never }
    if pace == .firstRequest { policy.pace = .never }
    return policy
  }
}
