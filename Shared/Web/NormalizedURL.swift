/// An absolute http or https URL in normalized form: equivalent URLs are equal strings.
///
/// Parsed as browsers do (WHATWG URL) and normalized as in RFC 3986, section 6.2.2: scheme and host in lower case, the
/// default port omitted, dot segments resolved, percent escapes in upper case and only where required. The fragment is
/// dropped, because it names a part of a page.
package struct NormalizedURL: Sendable, Hashable {
  package let scheme: Scheme
  /// In lower case. An IPv6 address keeps its brackets; an internationalized name is in Punycode.
  package let host: String
  /// nil if it is the default port of the scheme.
  package let port: UInt16?
  /// Begins with a slash; percent-encoded.
  package let path: String
  /// Without the question mark; percent-encoded.
  package let query: String?

  package enum Scheme: String, Sendable {
    case http, https

    package var port: UInt16 { self == .http ? 80 : 443 }
  }

  /// The reason why a string is rejected as a URL.
  package enum Rejection: String, Error {
    case notAbsolute = "write a whole URL, such as https://example.com/"
    case scheme = "only http and https URLs can be read"
    case credentials = "a URL must not carry a user name or password"
    case host = "its host is not a domain name or IP address"
    case port = "its port is not a number from 1 to 65535"
    case length = "it is longer than 2,000 characters"
  }

  /// The maximum length in bytes; crawlers and servers commonly accept this much.
  package static let maximumLength = 2000

  /// - Parameter base: the URL that a relative reference is resolved against; nil accepts only absolute URLs.
  package init(_ text: String, relativeTo base: NormalizedURL? = nil) throws(Rejection) {
    var bytes = Array(text.utf8)[...]
    if let base, let plain = base.normalizedSibling(bytes) {
      self = plain
      return
    }
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard bytes.count <= Self.maximumLength else { throw .length }
    if bytes.contains(where: Self.isTabOrNewline) { bytes.removeAll(where: Self.isTabOrNewline) }
    if let hash = bytes.firstIndex(of: UInt8(ascii: "#")) { bytes = bytes[..<hash] }

    if let (name, rest) = Self.splitScheme(bytes) {
      guard let scheme = Scheme(rawValue: name) else { throw .scheme }
      // `https:page` and `https:/page` are relative if the base has the same scheme (WHATWG URL, section 4.4).
      if let base, base.scheme == scheme {
        try self.init(reference: rest, relativeTo: base)
      } else {
        try self.init(scheme: scheme, authorityAndRest: rest)
      }
    } else {
      guard let base else { throw .notAbsolute }
      try self.init(reference: bytes, relativeTo: base)
    }
  }

  /// Fast path for a URL of the same origin that is already normalized, as nearly all URLs of a sitemap are; nil
  /// otherwise.
  private func normalizedSibling(_ text: ArraySlice<UInt8>) -> NormalizedURL? {
    var rest = text
    func skip(_ part: some Collection<UInt8>) -> Bool {
      guard rest.starts(with: part) else { return false }
      rest = rest.dropFirst(part.count)
      return true
    }
    guard text.count <= Self.maximumLength, skip(scheme.rawValue.utf8), skip("://".utf8), skip(host.utf8),
      port.map({ skip(":\($0)".utf8) }) ?? true, let (path, query) = URLEncoding.splitIfNormalized(rest)
    else { return nil }
    return NormalizedURL(self, path: path, query: query)
  }

  private init(reference: ArraySlice<UInt8>, relativeTo base: NormalizedURL) throws(Rejection) {
    if reference.prefix(2).count == 2, reference.prefix(2).allSatisfy(Self.isSlash) {
      try self.init(scheme: base.scheme, authorityAndRest: reference)
      return
    }
    let (rawPath, rawQuery) = Self.splitQuery(reference)
    let path: String
    let query: String?
    if rawPath.isEmpty {
      path = base.path
      query = reference.isEmpty ? base.query : rawQuery.flatMap(URLEncoding.query)
    } else {
      let absolute: [UInt8]
      if Self.isSlash(rawPath.first!) {
        absolute = Array(rawPath)
      } else {
        let folder = base.path.utf8.lastIndex(of: UInt8(ascii: "/")).map { base.path.utf8[...$0] }
        absolute = Array(folder ?? base.path.utf8[...]) + rawPath
      }
      path = URLEncoding.path(absolute[...])
      query = rawQuery.flatMap(URLEncoding.query)
    }
    self.init(base, path: path, query: query)
    guard hasAllowedLength else { throw .length }
  }

  private init(scheme: Scheme, authorityAndRest bytes: ArraySlice<UInt8>) throws(Rejection) {
    // Browsers treat any number of slashes as two.
    let bytes = bytes.drop(while: Self.isSlash)
    let end = bytes.firstIndex { Self.isSlash($0) || $0 == UInt8(ascii: "?") } ?? bytes.endIndex
    let authority = bytes[..<end]
    guard !authority.contains(UInt8(ascii: "@")) else { throw .credentials }
    (host, port) = try URLHost.parse(authority, defaultPort: scheme.port)
    self.scheme = scheme
    let (rawPath, rawQuery) = Self.splitQuery(bytes[end...])
    path = URLEncoding.path(rawPath)
    query = rawQuery.flatMap(URLEncoding.query)
    guard hasAllowedLength else { throw .length }
  }

  /// Escaping and resolving can lengthen a URL. Check the result, so that every accepted URL is accepted again when it
  /// is parsed from its normalized form.
  private var hasAllowedLength: Bool {
    let length = path.utf8.count + (query.map { $0.utf8.count + 1 } ?? 0)
    // An origin takes at most 267 bytes: "https://", a host of 253 bytes and a port.
    return length + 267 <= Self.maximumLength || length + origin.utf8.count <= Self.maximumLength
  }

  /// A URL of the same origin. Path and query must already be percent-encoded.
  init(_ original: NormalizedURL, path: String, query: String?) {
    scheme = original.scheme
    host = original.host
    port = original.port
    self.path = path
    self.query = query
  }

  private static func isSlash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }

  private static func isTabOrNewline(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0a || byte == 0x0d }

  private static func splitScheme(_ bytes: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first, isLetter(first) else {
      return nil
    }
    let name = bytes[..<colon]
    guard name.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e })
    else {
      return nil
    }
    return (String(decoding: name, as: UTF8.self).lowercased(), bytes[(colon + 1)...])
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

  private static func splitQuery(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
    guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return (bytes, nil) }
    return (bytes[..<mark], bytes[(mark + 1)...])
  }
}

extension NormalizedURL: CustomStringConvertible, Codable {
  package var description: String { origin + pathAndQuery }

  /// Scheme, host and port, without a trailing slash.
  package var origin: String { "\(scheme.rawValue)://\(host)\(port.map { ":\($0)" } ?? "")" }

  package var pathAndQuery: String { query.map { "\(path)?\($0)" } ?? path }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(container.decode(String.self))
    } catch let rejection as Rejection {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: rejection.rawValue)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension NormalizedURL {
  /// The path segments, without empty ones.
  package var segments: [Substring] { path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) }

  /// The root URL of the same origin.
  package var root: NormalizedURL { NormalizedURL(self, path: "/", query: nil) }

  /// A URL of the same origin without a query. The path must already be percent-encoded.
  package func at(path: String) -> NormalizedURL { NormalizedURL(self, path: path, query: nil) }

  /// The folder of the page: the path up to and including the last slash.
  package var folder: String { String(path[...path.lastIndex(of: "/")!]) }

  package func hasSameOrigin(as other: NormalizedURL) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  /// True if both URLs belong to the same site: equal host (ignoring a leading `www.`) and equal non-default port; the
  /// scheme may differ.
  package func isSameSite(as other: NormalizedURL) -> Bool {
    (port ?? 0) == (other.port ?? 0) && Self.withoutWWW(host) == Self.withoutWWW(other.host)
  }

  private static func withoutWWW(_ host: String) -> Substring {
    host.hasPrefix("www.") ? host.dropFirst(4) : host[...]
  }
}
