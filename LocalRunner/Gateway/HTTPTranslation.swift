package import Contract

/// Translates HTTP requests to events and responses to HTTP header fields.
///
/// It knows no server library, so every platform that receives HTTP can use it.
package struct HTTPTranslation: Sendable {
  /// The largest request body in bytes. An event contains a binary body in base64, which needs a third more space.
  package static let maximumBodyBytes = Invocation.maximumEventBytes * 3 / 5

  private let trustedProxies: TrustedProxies

  package init(trustedProxies: TrustedProxies) { self.trustedProxies = trustedProxies }

  /// An HTTP request as a server library presents it.
  package struct Request: Sendable {
    var method: String
    var target: String
    var authority: String?
    var fields: [(name: String, value: String)]
    var remoteAddress: String?

    /// - Parameters:
    ///   - target: the path and query, still percent-encoded.
    ///   - authority: the host and port that the client addressed; replaces a `Host` field.
    ///   - fields: the header fields in order; a name may occur more than once.
    ///   - remoteAddress: the IP address at the other end of the connection.
    package init(
      method: String, target: String, authority: String? = nil, fields: [(name: String, value: String)] = [],
      remoteAddress: String? = nil
    ) {
      self.method = method
      self.target = target
      self.authority = authority
      self.fields = fields
      self.remoteAddress = remoteAddress
    }
  }

  /// Makes an event from a request.
  ///
  /// Header names become lower case; values of the same name are joined by commas (RFC 9110, section 5.3). The event
  /// never has the operator's authority.
  package func event(_ request: Request, body: [UInt8]) -> Event {
    var headers: [String: String] = [:]
    for field in request.fields {
      let name = field.name.lowercased()
      headers[name] = headers[name].map { "\($0),\(field.value)" } ?? field.value
    }
    if let authority = request.authority { headers["host"] = authority }
    let halves = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return Event(
      method: request.method, rawPath: String(halves[0]), rawQueryString: halves.count > 1 ? String(halves[1]) : "",
      headers: headers, body: body,
      sourceIP: trustedProxies.client(
        of: request.remoteAddress ?? "unknown", forwardedFor: headers["x-forwarded-for"]))
  }

  /// The header fields of a response, one `set-cookie` field for each cookie.
  package static func fields(of response: Response) -> [(name: String, value: String)] {
    response.headers.map { ($0.key, $0.value) } + response.cookies.map { ("set-cookie", $0) }
  }

  /// Collects a request body piece by piece.
  ///
  /// A body that is too large is still received up to ten times the limit, and dropped, so that the client can read the
  /// refusal rather than see a closed connection.
  package struct Body: Sendable {
    private var bytes: [UInt8] = []
    private var received = 0

    package init() {}

    /// Adds a piece.
    ///
    /// - Returns: false if no further pieces should be received.
    package mutating func add(_ piece: some Collection<UInt8>) -> Bool {
      received += piece.count
      if received <= HTTPTranslation.maximumBodyBytes { bytes += piece } else { bytes = [] }
      return received <= HTTPTranslation.maximumBodyBytes * 10
    }

    /// The whole body.
    ///
    /// - Throws: `invalid_request` if the body is too large.
    package func finish() throws(Failure) -> [UInt8] {
      guard received <= HTTPTranslation.maximumBodyBytes else {
        throw Failure(
          .invalidRequest, "the body is larger than \(HTTPTranslation.maximumBodyBytes >> 20) MiB; send a smaller one")
      }
      return bytes
    }
  }
}
