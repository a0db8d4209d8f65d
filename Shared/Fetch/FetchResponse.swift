/// An HTTP response.
package struct FetchResponse: Sendable {
  package var status: Int
  /// The headers, with names in lower case. Headers with the same name are joined by a comma (RFC 9110, section 5.3);
  /// `x-robots-tag` headers are joined by a line feed.
  package var headers: [String: String]
  package var body: [UInt8]
  /// Whether the body was cut at ``FetchLimits/bytes``, or by ``FetchRequest/onBody``.
  package var isTruncated: Bool
  /// The size of the body on the network, in bytes, before decompression.
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

  /// The media type of the `Content-Type` header, in lower case, without parameters.
  package var mediaType: String? {
    headers["content-type"].map { $0.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() }
  }

  /// The `charset` parameter of the `Content-Type` header, in lower case.
  package var charset: String? {
    guard let type = headers["content-type"]?.lowercased(), let mark = type.firstRange(of: "charset=") else {
      return nil
    }
    let value = type[mark.upperBound...].drop { "\"' ".contains($0) }.prefix { !"\"'; ,".contains($0) }
    return value.isEmpty ? nil : String(value)
  }
}
