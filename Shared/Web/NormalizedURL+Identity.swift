extension NormalizedURL {
  /// The URL that identifies a page, so that two URLs of the same page compare equal: without an index file name such
  /// as `index.html`, and without tracking and session parameters.
  package var pageIdentity: NormalizedURL {
    let url = withoutTrackingParameters
    for name in ["index.html", "index.htm", "index.php", "default.html"] where url.path.hasSuffix("/" + name) {
      return NormalizedURL(url, path: String(url.path.dropLast(name.count)), query: url.query)
    }
    return url
  }

  /// The same page without tracking parameters in the query and without session ids in the query and path.
  package var withoutTrackingParameters: NormalizedURL {
    let hasSession = path.utf8.contains(UInt8(ascii: ";")) || path.utf8.contains(UInt8(ascii: "("))
    guard query != nil || hasSession else { return self }
    let remaining = query?.split(separator: "&", omittingEmptySubsequences: false).filter {
      !Self.isTrackingParameter($0)
    }
    .joined(separator: "&")
    return NormalizedURL(
      self, path: hasSession ? Self.withoutSession(path) : path, query: remaining?.isEmpty ?? true ? nil : remaining)
  }

  /// Removes `;jsessionid=…` (Java servlets) and `/(S(…))` (ASP.NET) from a path.
  private static func withoutSession(_ path: String) -> String {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).compactMap { segment -> Substring? in
      if segment.hasPrefix("(S("), segment.hasSuffix("))") { return nil }
      guard let mark = segment.firstIndex(of: ";") else { return segment }
      let parameter = segment[segment.index(after: mark)...].lowercased()
      return parameter.hasPrefix("jsessionid=") || parameter.hasPrefix("sid=") || parameter.hasPrefix("phpsessid=")
        ? segment[..<mark] : segment
    }
    let text = segments.joined(separator: "/")
    return text.hasPrefix("/") ? text : "/" + text
  }

  private static func isTrackingParameter(_ parameter: Substring) -> Bool {
    let name = parameter.prefix { $0 != "=" }.lowercased()
    return trackingNames.contains(name) || trackingPrefixes.contains { name.hasPrefix($0) }
  }

  private static let trackingPrefixes = ["utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "aspsessionid"]

  private static let trackingNames: Set<String> = [
    "gclid", "gclsrc", "fbclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref_src", "_ga", "_gl", "yclid", "dclid",
    "wbraid", "gbraid", "twclid",
    "ttclid", "li_fat_id", "srsltid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_enc_id", "oly_anon_id", "s_cid",
    "_openstat",
    "phpsessid", "jsessionid", "sessionid", "session_id", "sid", "cfid", "cftoken",
  ]
}

extension NormalizedURL {
  /// The URL with scheme, host and port of `home` if both belong to the same site (see ``isSameSite(as:)``); otherwise
  /// the URL unchanged.
  package func usingOrigin(of home: NormalizedURL) -> NormalizedURL {
    isSameSite(as: home) ? NormalizedURL(home, path: path, query: query) : self
  }
}

extension NormalizedURL {
  /// A common spelling for the URLs of a page and of its Markdown version: `/a/`, `/a.html`, `/a.md` and
  /// `/a/index.html.md` become `/a`.
  package var versionIdentity: NormalizedURL {
    var path = pageIdentity.path
    for suffix in [".md", ".mdx", ".html", "/index", "/"] where path.hasSuffix(suffix) { path.removeLast(suffix.count) }
    return pageIdentity.at(path: path.isEmpty ? "/" : path)
  }
}
