/// A page from an earlier crawl, with the values for a conditional request (RFC 9110, section 13.1).
package struct KnownPage: Sendable {
  let etag: String?
  let lastModified: String?
  /// The page as ``Page/record`` encodes it.
  let record: [UInt8]

  package init(etag: String?, lastModified: String?, record: [UInt8]) {
    self.etag = etag
    self.lastModified = lastModified
    self.record = record
  }

  /// The header fields of the conditional request.
  var headers: [String: String] {
    var headers: [String: String] = [:]
    headers["if-none-match"] = etag
    headers["if-modified-since"] = lastModified
    return headers
  }
}
