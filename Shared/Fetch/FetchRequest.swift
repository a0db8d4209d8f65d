/// A request to another machine, as a value.
package struct FetchRequest: Sendable {
  /// Who chose the address.
  package enum Kind: Sendable {
    /// Somebody else: only addresses that may be crawled are dialled.
    case crawl
    /// The operator, in a setting: any address, no redirects.
    case configured
  }

  package var url: String
  package var kind: Kind
  package var method: String
  package var headers: [String: String]
  package var body: [UInt8]
  package var limits: FetchLimits
  /// Takes the body of a response with a status from 200 to 299 as it arrives, instead of the response, and says
  /// whether to go on.
  ///
  /// It is called for one piece after another, on a thread of the fetcher's that has other fetches to serve. A fetcher
  /// that has
  /// the whole body at hand may leave it in the response.
  package var onBody: BodySink?

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

/// What one fetch may cost.
package struct FetchLimits: Sendable {
  /// Bytes of the body after decompression; what is beyond is not read, and the response says that it is truncated.
  package var bytes: Int
  /// From the start to the last byte.
  package var duration: Duration
  /// Until the connection stands, TLS included.
  package var connectDuration: Duration

  package init(bytes: Int, duration: Duration, connectDuration: Duration = .seconds(10)) {
    self.bytes = bytes
    self.duration = duration
    self.connectDuration = connectDuration
  }

  package static let page = FetchLimits(bytes: 5 << 20, duration: .seconds(20))
  package static let robots = FetchLimits(bytes: 600_000, duration: .seconds(10))
  package static let sitemap = FetchLimits(bytes: 60 << 20, duration: .seconds(30))
}
