/// Parses client-side redirects: `<meta http-equiv=refresh>` and the `Refresh` header, which have the same syntax.
package enum RefreshDirective {
  /// The target URL as written, parsed by the shared declarative refresh steps of the HTML standard (section 4.2.5.3).
  ///
  /// - Parameters:
  ///   - content: such as `0; url=/new`, `0,/new` or `0 URL = '/new'`.
  ///   - limit: the maximum delay in seconds. A page with a longer delay reloads itself rather than redirects;
  ///     returns nil.
  package static func target(of content: String, within limit: Double) -> String? {
    var rest = content.drop { $0.isWhitespace }
    let time = rest.prefix { $0.isNumber || $0 == "." }
    guard !time.isEmpty, (Double(time) ?? 0) <= limit else { return nil }
    rest = rest.dropFirst(time.count)
    guard let first = rest.first, first == ";" || first == "," || first.isWhitespace else { return nil }
    rest = rest.drop { $0.isWhitespace }
    if rest.first == ";" || rest.first == "," { rest = rest.dropFirst().drop { $0.isWhitespace } }
    if rest.lowercased().hasPrefix("url") {
      let afterName = rest.dropFirst(3).drop { $0.isWhitespace }
      if afterName.first == "=" { rest = afterName.dropFirst().drop { $0.isWhitespace } }
    }
    if let quote = rest.first, quote == "\"" || quote == "'" { rest = rest.dropFirst().prefix { $0 != quote } }
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return rest.isEmpty ? nil : String(rest)
  }
}
