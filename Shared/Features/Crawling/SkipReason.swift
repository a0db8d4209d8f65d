package import Fetch

/// Why a URL gave no page, no sitemap or no answer.
///
/// The raw value is the spelling in reports: `http_404`, `robots`, `timed_out`. Reports are stored as JSON, so a raw value
/// must not change.
package enum SkipReason: Sendable, Hashable {
  /// The server answered with this status.
  case http(Int)
  /// The request failed.
  case fetch(FetchError.Code)

  /// robots.txt does not allow the request.
  case robots
  /// robots.txt could not be read, so no request is allowed (RFC 9309, section 2.3.1.4).
  case robotsUnreachable
  /// The deadline passed first.
  case deadline
  /// A limit on the number of requests was reached.
  case tooMany

  /// A redirect leads to a page that was already fetched, or a sitemap's redirect could not be followed.
  case redirect
  /// A redirect leads out of the scope of the crawl.
  case redirectAway
  /// Too many redirects.
  case redirectLoop
  /// A redirect without a valid target.
  case badRedirect
  /// A redirect to a login or consent page.
  case login

  /// The response is not an HTML page.
  case notHTML
  /// The response is not a sitemap.
  case notASitemap
  /// A page with status 200 that says that nothing was found.
  case softNotFound
  /// A page without text unless its scripts run.
  case needsJavaScript

  /// The page is in another language than the crawl.
  case language
  /// The page asks not to be indexed.
  case noindex
  /// The page names another page as its original.
  case canonical
  /// The page has the same content as another page.
  case duplicate
  /// The URL is another view of a page: sorted, filtered, printed.
  case variation
  /// The page belongs to another version than the one that the site links to.
  case version
  /// The URL belongs to a series without end, such as a calendar.
  case endless

  /// A relative link without a base URL, or an invalid link.
  case notAbsolute
  /// The link exceeds the number of links that are checked.
  case overLimit
  /// Links are not checked offline.
  case offline

  /// A raw value from a report that another version stored.
  case other(String)
}

extension SkipReason: RawRepresentable, Codable {
  package init(rawValue: String) {
    if let reason = Self.byName[rawValue] {
      self = reason
    } else if rawValue.hasPrefix("http_"), let status = Int(rawValue.dropFirst(5)) {
      self = .http(status)
    } else if let code = FetchError.Code(rawValue: rawValue) {
      self = .fetch(code)
    } else {
      self = .other(rawValue)
    }
  }

  package var rawValue: String {
    switch self {
    case .http(let status): "http_\(status)"
    case .fetch(let code): code.rawValue
    case .robots: "robots"
    case .robotsUnreachable: "robots_unreachable"
    case .deadline: "deadline"
    case .tooMany: "too_many"
    case .redirect: "redirect"
    case .redirectAway: "redirect_away"
    case .redirectLoop: "redirect_loop"
    case .badRedirect: "bad_redirect"
    case .login: "login"
    case .notHTML: "not_html"
    case .notASitemap: "not_a_sitemap"
    case .softNotFound: "soft_404"
    case .needsJavaScript: "needs_javascript"
    case .language: "language"
    case .noindex: "noindex"
    case .canonical: "canonical"
    case .duplicate: "duplicate"
    case .variation: "variation"
    case .version: "version"
    case .endless: "endless"
    case .notAbsolute: "not_absolute"
    case .overLimit: "over_limit"
    case .offline: "offline"
    case .other(let name): name
    }
  }

  /// The reasons without associated values, by raw value.
  private static let byName: [String: SkipReason] = {
    let reasons: [SkipReason] = [
      .robots, .robotsUnreachable, .deadline, .tooMany, .redirect, .redirectAway, .redirectLoop, .badRedirect, .login,
      .notHTML, .notASitemap, .softNotFound, .needsJavaScript, .language, .noindex, .canonical, .duplicate, .variation,
      .endless, .notAbsolute, .overLimit, .offline,
    ]
    return Dictionary(uniqueKeysWithValues: reasons.map { ($0.rawValue, $0) })
  }()
}
