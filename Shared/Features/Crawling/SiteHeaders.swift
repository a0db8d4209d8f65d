package import Contract
package import Fetch
package import Web

/// Additional headers for the requests to one origin, such as the credentials of a staging site.
///
/// No other origin receives them, because each request of a chain of redirects is checked. They are secret: they are
/// not logged, not stored and not part of an error.
package struct SiteHeaders: Sendable {
  /// The name of the setting that ``init(_:)`` reads and ``setting`` writes.
  package static let settingName = "FETCH_HEADERS"

  /// The only origin that receives the headers, such as `https://staging.example.com`.
  package let origin: String
  private let fields: [Field]

  /// A header field.
  package struct Field: Sendable {
    /// In lower case.
    let name: String
    let value: String

    /// Parses `Name: value`.
    ///
    /// - Returns: nil if the name is not a token (RFC 9110, section 5.6.2), or the value is empty or has control
    ///   characters.
    package init?(_ line: some StringProtocol) {
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let name = line[..<colon]
      let value = line[line.utf8.index(after: colon)...].utf8.drop { $0 == 0x20 || $0 == 0x09 }
      let isToken = !name.isEmpty && name.utf8.allSatisfy(Self.isTokenByte)
      guard isToken, !value.isEmpty, value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { return nil }
      self.name = name.lowercased()
      self.value = String(decoding: value, as: UTF8.self)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
  }

  /// - Parameter url: a URL of the site; only its origin counts.
  package init(of url: NormalizedURL, _ fields: [Field]) {
    origin = url.origin
    self.fields = fields
  }

  /// Reads the setting `FETCH_HEADERS`: the origin, and one header in each further line.
  ///
  /// - Returns: nil if it is not set.
  /// - Throws: the failure `unavailable`, with the name of the setting but not its value, if it is malformed.
  package init?(_ environment: Environment) throws(Failure) {
    guard let text = environment[Self.settingName] else { return nil }
    guard let headers = SiteHeaders(setting: text) else {
      throw Failure(
        .unavailable, "\(Self.settingName) is malformed; it needs \(Self.form)", details: ["setting": Self.settingName])
    }
    self = headers
  }

  /// Parses the value of the setting; returns nil if it is malformed.
  package init?(setting text: String) {
    let lines = text.split(separator: "\n")
    let fields = lines.dropFirst().map { Field($0) }
    guard let first = lines.first, let url = try? NormalizedURL(String(first)), !fields.isEmpty else { return nil }
    self.init(of: url, fields.compactMap(\.self))
    if self.fields.count != fields.count { return nil }
  }

  /// Describes a valid value of the setting.
  package static let form = "a line with the URL of a site, and then one header in each line, such as Cookie: a=1"

  /// The value of the setting for these headers.
  package var setting: String {
    ([origin] + fields.map { "\($0.name): \($0.value)" }).joined(separator: "\n")
  }

  /// The headers to send to a URL.
  fileprivate func headers(for url: String) -> [String: String] {
    guard let url = try? NormalizedURL(url), url.origin == origin else { return [:] }
    return Dictionary(fields.map { ($0.name, $0.value) }) { "\($0), \($1)" }
  }
}

extension Fetcher {
  /// A fetcher that adds headers to the requests of crawls, but not to requests of configured services.
  package func sending(_ headers: SiteHeaders?) -> Fetcher {
    guard let headers else { return self }
    let fetch = fetch
    return Fetcher { request throws(FetchError) in
      var request = request
      if request.kind == .crawl { request.headers.merge(headers.headers(for: request.url)) { $1 } }
      return try await fetch(request)
    }
  }
}
