import Contract
import Crawling
import Fetch
import Web

/// Checks whether a link leads to something, follows its redirects, and looks at the page it leads to.
struct LinkProbe: Sendable {
  /// A client for all sites.
  let client: SiteClient
  /// The day of the check, as ``SitemapDate/day(_:)`` counts days.
  let today: Int
  private let notFoundPages = NotFoundCache()

  init(client: SiteClient, today: Int) {
    self.client = client
    self.today = today
  }

  enum Outcome: Sendable, Equatable {
    case alive(Answer)
    /// The link redirects to another URL, which answers.
    case redirected(NormalizedURL, isPermanent: Bool, Answer)
    /// The link answers with an error status, or not at all.
    case dead(SkipReason)
    /// The URL exists, but is not for crawlers: status 401, 403, 429 and similar.
    case refused(status: Int)
    /// The link could not be checked: `robots`, `robots_unreachable`, `forbidden_address`, `deadline` or `timed_out`.
    case unchecked(SkipReason)

    var answer: Answer? {
      switch self {
      case .alive(let answer), .redirected(_, _, let answer): answer
      default: nil
      }
    }
  }

  /// The headers and the page at the target of a link.
  struct Answer: Sendable, Equatable {
    var mediaType: String?
    var lastModified: String?
    var date: String?
    /// nil unless it is an HTML page.
    var page: PageSummary?
  }

  /// The properties of a page that decide whether it should be linked.
  struct PageSummary: Sendable, Equatable {
    var saysNotFound = false
    var forbidsIndexing = false
    var isScriptShell = false
    /// The canonical URL; nil if it is the URL of the page.
    var original: NormalizedURL?
  }

  private static let limits = FetchLimits(bytes: 64 << 10, duration: .seconds(10))
  /// The limits for pages, which are parsed.
  private static let pageLimits = FetchLimits(bytes: 1 << 20, duration: .seconds(10))
  /// The number of redirects to follow.
  private static let maximumRedirects = 5

  func probe(_ url: NormalizedURL) async -> Outcome {
    do {
      return try await follow(url)
    } catch {
      return outcome(of: error.code)
    }
  }

  private func outcome(of error: FetchError.Code) -> Outcome {
    switch error {
    case .forbiddenAddress: .unchecked(.fetch(error))
    case .cancelled: .unchecked(.deadline)
    case .timedOut: .unchecked(client.deadline.isPast ? .deadline : .fetch(error))
    default: .dead(.fetch(error))
    }
  }

  private func follow(_ start: NormalizedURL) async throws(FetchError) -> Outcome {
    var url = start
    var isPermanent = true
    for _ in 0...Self.maximumRedirects {
      guard !client.deadline.isPast else { return .unchecked(.deadline) }
      let response: FetchResponse
      switch try await request(url) {
      case .response(let answer): response = answer
      case .disallowed: return .unchecked(.robots)
      case .robotsUnavailable(nil): return .unchecked(.robotsUnreachable)
      case .robotsUnavailable(let code?): return outcome(of: code)
      }
      switch response.status {
      case 300..<400 where response.status != 304:
        guard let target = response.redirectTarget(from: url) else { return .dead(.badRedirect) }
        isPermanent = isPermanent && (response.status == 301 || response.status == 308)
        url = target
      // Status 416: the page has no bytes in the requested range, so it exists (RFC 9110, section 15.5.17).
      case 200..<300, 304, 416:
        let answer = Answer(
          mediaType: response.mediaType, lastModified: response.headers["last-modified"],
          date: response.headers["date"], page: await summary(of: response, at: url))
        return url == start ? .alive(answer) : .redirected(url, isPermanent: isPermanent, answer)
      case 401, 402, 403, 407, 429, 451, 503, 999: return .refused(status: response.status)
      default: return .dead(.http(response.status))
      }
    }
    return .dead(.redirectLoop)
  }

  private func summary(of response: FetchResponse, at url: NormalizedURL) async -> PageSummary? {
    guard response.isHTML, !response.body.isEmpty else { return nil }
    let page = response.page(at: url, agent: client.agent)
    let original = page.canonical.map { $0.usingOrigin(of: url) }
    return PageSummary(
      saysNotFound: await notFoundPages.detector(for: url).matches(page),
      forbidsIndexing: page.forbidsIndexing(on: today), isScriptShell: page.isScriptShell,
      original: original.flatMap { $0.pageIdentity == url.pageIdentity ? nil : $0 })
  }

  /// Learns how a site says that a page does not exist, if its robots.txt can be read.
  func learnNotFound(of site: NormalizedURL) async {
    guard await client.robotsFile(for: site) != nil else { return }
    let loader = PageLoader(
      client: await client.forSite(of: site), scope: Scope(home: site.root, include: [], exclude: []))
    await notFoundPages.learn(of: site, with: loader)
  }

  /// Fetches pages with GET, and other files with HEAD, or a GET of the first bytes if the server does not support HEAD.
  private func request(_ url: NormalizedURL) async throws(FetchError) -> SiteClient.Answer {
    if Scope.looksLikePage(url) {
      return try await client.send(url, RequestPolicy(headers: PageLoader.headers, limits: Self.pageLimits))
    }
    do {
      let answer = try await client.send(url, RequestPolicy(method: "HEAD", limits: Self.limits))
      guard case .response(let response) = answer, response.status >= 400 else { return answer }
    } catch {
      guard error.code == .malformedResponse || error.code == .connectionFailed else { throw error }
    }
    return try await client.send(url, RequestPolicy(headers: ["range": "bytes=0-1023"], limits: Self.limits))
  }
}
