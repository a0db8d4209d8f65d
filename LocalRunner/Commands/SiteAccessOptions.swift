import ArgumentParser
import Contract
import Crawling
import FoundationEssentials
import Web

/// The options for sites that not everybody may read.
struct SiteAccessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Send a header to the site, such as 'Cookie: preview=1'; @FILE reads headers from a file. May be repeated.",
      valueName: "header"))
  var header: [String] = []

  @Option(
    help: ArgumentHelp(
      "Log in to the site (HTTP Basic). Without a password, FETCH_PASSWORD contains it.", valueName: "name:password"))
  var user: String?

  func validate() throws { _ = try fields() }

  /// Whether the user gave credentials.
  var isUsed: Bool { !header.isEmpty || user != nil }

  /// The next step after a site refused a request; nil for other reasons.
  ///
  /// - Parameter reason: the reason in the details of a failure, such as `http_401`.
  static func advice(for reason: String?, _ site: TypedSite) -> String? {
    guard reason == "http_401" || reason == "http_403" else { return nil }
    return site.headers == nil
      ? "if the site needs a login, give --user NAME:PASSWORD or --header 'Name: value'"
      : "the site did not accept the credentials; they are sent to \(site.url.origin) only"
  }

  /// Parses a URL as a user types it. `https://name:password@host` is the same as `--user`.
  ///
  /// No error contains the password.
  func site(_ text: String) throws -> TypedSite {
    let (text, credentials) = Self.splitCredentials(text)
    let url: NormalizedURL
    do {
      url = try NormalizedURL(typed: text)
    } catch {
      // The text may still contain a password, if that has a slash.
      if text.isEmpty { throw ValidationError("the URL is empty; \(error.rawValue)") }
      let shown = text.lastIndex(of: "@").map { "…\(text[$0...])" } ?? text
      throw ValidationError("\(shown) is not a valid URL: \(error.rawValue)")
    }
    if credentials != nil, user != nil {
      throw ValidationError("give the name and password either in the URL or with --user, not both")
    }
    var fields = try fields()
    if let credentials { fields.append(try Self.basic(credentials)) }
    return TypedSite(url: url, headers: fields.isEmpty ? nil : SiteHeaders(of: url, fields))
  }

  // MARK: Headers

  private func fields() throws -> [SiteHeaders.Field] {
    var fields: [SiteHeaders.Field] = []
    for text in header {
      for line in try Self.lines(text) {
        // The message must not contain the header, because its value is often secret.
        guard let field = SiteHeaders.Field(line) else {
          throw ValidationError("--header takes 'Name: value', or @FILE with one such header in each line")
        }
        fields.append(field)
      }
    }
    if let user { fields.append(try Self.basic(user)) }
    return fields
  }

  /// The headers in a value of `--header`.
  private static func lines(_ text: String) throws -> [Substring] {
    guard text.hasPrefix("@") else { return [text[...]] }
    guard let data = try? Data(contentsOf: URL(filePath: String(text.dropFirst()))) else {
      throw ValidationError("the file \(text.dropFirst()) of --header cannot be read")
    }
    return String(decoding: data, as: UTF8.self).split { $0.isNewline }
  }

  /// The header for a name and a password (RFC 7617).
  private static func basic(_ user: String) throws -> SiteHeaders.Field {
    var credentials = user
    if !user.contains(":") {
      guard let password = Environment.ofProcess()["FETCH_PASSWORD"] else {
        throw ValidationError("--user takes NAME:PASSWORD, or NAME with the password in the variable FETCH_PASSWORD")
      }
      credentials += ":" + password
    }
    let encoded = Data(credentials.utf8).base64EncodedString()
    guard let field = SiteHeaders.Field("Authorization: Basic \(encoded)") else {
      throw ValidationError("--user takes NAME:PASSWORD")
    }
    return field
  }

  // MARK: URLs with a name and a password

  /// Splits `https://name:password@host/` into the URL and the decoded name and password.
  private static func splitCredentials(_ text: String) -> (url: String, credentials: String?) {
    guard let range = credentialsRange(in: text) else { return (text, nil) }
    let credentials = String(text[range].dropLast())
    return (text.replacingCharacters(in: range), credentials.percentDecoded ?? credentials)
  }

  /// The name and password in a URL, with the sign @; nil if it has none.
  fileprivate static func credentialsRange(in text: String) -> Range<String.Index>? {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    let end = text[start...].firstIndex { "/?#\\ '\"\n".contains($0) } ?? text.endIndex
    guard let sign = text[start..<end].lastIndex(of: "@"), start != text.startIndex || text[start..<sign].contains(":")
    else { return nil }
    return start..<text.index(after: sign)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
    String(self[..<range.lowerBound] + self[range.upperBound...])
  }

  /// The text with the name and password of each URL removed, for messages.
  var withoutCredentials: String {
    split(separator: "://", omittingEmptySubsequences: false).enumerated().map { index, part in
      guard index > 0 else { return String(part) }
      let end = part.firstIndex { "/?#\\ '\"\n".contains($0) } ?? part.endIndex
      guard let sign = part[..<end].lastIndex(of: "@") else { return String(part) }
      return String(part[part.index(after: sign)...])
    }.joined(separator: "://")
  }
}
