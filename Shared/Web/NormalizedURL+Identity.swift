extension NormalizedURL {
  /// The spelling under which a page counts once: without `index.html` and its like, and without what only says who the
  /// visitor is or came from.
  package var pageIdentity: NormalizedURL {
    let url = withoutVisitor
    for name in ["index.html", "index.htm", "index.php", "default.html"] where url.path.hasSuffix("/" + name) {
      return NormalizedURL(url, path: String(url.path.dropLast(name.count)), query: url.query)
    }
    return url
  }

  /// The same page, without parameters of campaigns and sessions and without sessions in its path.
  package var withoutVisitor: NormalizedURL {
    let hasSession = path.utf8.contains(UInt8(ascii: ";")) || path.utf8.contains(UInt8(ascii: "("))
    guard query != nil || hasSession else { return self }
    let kept = query?.split(separator: "&", omittingEmptySubsequences: false).filter { !Self.tellsOfVisitor($0) }
      .joined(separator: "&")
    return NormalizedURL(
      self, path: hasSession ? Self.withoutSession(path) : path, query: kept?.isEmpty ?? true ? nil : kept)
  }

  /// Takes `;jsessionid=…` (Java servlets) and `/(S(…))` (ASP.NET) out of a path.
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

  private static func tellsOfVisitor(_ parameter: Substring) -> Bool {
    let name = parameter.prefix { $0 != "=" }.lowercased()
    return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }

  private static let prefixes = ["utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "aspsessionid"]

  private static let names: Set<String> = [
    "gclid", "gclsrc", "fbclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref_src", "_ga", "_gl", "yclid", "dclid",
    "wbraid", "gbraid", "twclid",
    "ttclid", "li_fat_id", "srsltid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_enc_id", "oly_anon_id", "s_cid",
    "_openstat",
    "phpsessid", "jsessionid", "sessionid", "session_id", "sid", "cfid", "cftoken",
  ]
}

extension NormalizedURL {
  /// The URL as the home page of its site is spelled: `http` or `https`, with or without `www.`; itself where it is of
  /// another site.
  package func spelled(as home: NormalizedURL) -> NormalizedURL {
    isSameSite(as: home) ? NormalizedURL(home, path: path, query: query) : self
  }
}
