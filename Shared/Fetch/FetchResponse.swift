/// What a server answered.
package struct FetchResponse: Sendable {
  package var status: Int
  /// Names in lower case; several of one name are joined by a comma.
  package var headers: [String: String]
  package var body: [UInt8]
  /// Whether the body went on beyond the limit.
  package var isTruncated: Bool
  /// Bytes that came over the network, before decompression.
  package var bytesReceived: Int

  package init(
    status: Int, headers: [String: String] = [:], body: [UInt8] = [], isTruncated: Bool = false, bytesReceived: Int = 0
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.isTruncated = isTruncated
    self.bytesReceived = bytesReceived
  }

  /// The media type, in lower case, without parameters.
  package var mediaType: String? {
    headers["content-type"].map { $0.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() }
  }

  /// The `charset` parameter of the content type.
  package var charset: String? {
    guard let type = headers["content-type"]?.lowercased(), let mark = type.firstRange(of: "charset=") else {
      return nil
    }
    let value = type[mark.upperBound...].drop { "\"' ".contains($0) }.prefix { !"\"'; ,".contains($0) }
    return value.isEmpty ? nil : String(value)
  }
}

/// Why there is no answer.
package struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The address may not be dialled: it is private, or its port is not the scheme's own.
    case forbiddenAddress = "forbidden_address"
    case unresolvedHost = "unresolved_host"
    case connectionFailed = "connection_failed"
    case tls
    case timedOut = "timed_out"
    case malformedResponse = "malformed_response"
    case cancelled
  }

  package let code: Code
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// Whatever fetches: libcurl in earnest, a dictionary in a test.
package struct Fetcher: Sendable {
  /// Follows no redirect: where one leads must be looked at first.
  package var fetch: @Sendable (FetchRequest) async throws(FetchError) -> FetchResponse

  package init(fetch: @escaping @Sendable (FetchRequest) async throws(FetchError) -> FetchResponse) {
    self.fetch = fetch
  }
}
