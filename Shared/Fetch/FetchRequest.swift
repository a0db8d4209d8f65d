/// An HTTP request for a ``Fetcher``.
package struct FetchRequest: Sendable {
  /// Who chose the URL; decides whether private addresses are allowed.
  package enum Kind: Sendable {
    /// A user or a website chose the URL: only addresses that ``AddressGuard`` allows are contacted.
    case crawl
    /// The operator chose the URL, in a setting: any address is allowed.
    case configured
  }

  package var url: String
  package var kind: Kind
  package var method: String
  package var headers: [String: String]
  package var body: [UInt8]
  package var limits: FetchLimits
  /// Receives the body in pieces as it arrives; the response's body is then empty. Only called for status 200 to 299.
  ///
  /// The fetcher calls it for one piece after another on its own thread, which serves other fetches too, so it must
  /// return quickly. A fetcher that has the whole body at once, such as a stub, may return it in the response instead.
  package var onBody: BodySink?

  /// Receives one piece of a body; returns false to end the transfer.
  package typealias BodySink = @Sendable (_ piece: [UInt8]) -> Bool

  package init(
    _ url: String, kind: Kind = .crawl, method: String = "GET", headers: [String: String] = [:], body: [UInt8] = [],
    limits: FetchLimits = .page, onBody: BodySink? = nil
  ) {
    self.url = url
    self.kind = kind
    self.method = method
    self.headers = headers
    self.body = body
    self.limits = limits
    self.onBody = onBody
  }
}
