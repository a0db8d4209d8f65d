import Contract
package import Fetch
package import Web

/// Fetches one page, follows its redirects within the site's rules, and reads it.
struct PageLoader: Sendable {
  let fetcher: Fetcher
  let robots: RobotsFile
  let agent: String
  let scope: Scope
  let deadline: Deadline
  /// When the site may be asked; one for all that read it at a time.
  var pace = HostPace()
  /// Whether pages are wanted as Markdown, too.
  var wantsMarkdown = false
  /// What is known of pages that redirects lead to.
  var recall: @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage] = { _ in [:] }

  /// What became of a URL.
  enum Outcome: Sendable {
    case page(LoadedPage)
    /// The reason as `metrics.skipped` counts it.
    case skipped(String)
    case failed(FetchError)
  }

  struct LoadedPage: Sendable {
    let page: Page
    let bytes: Int
    let lastModified: String?
    /// What the server wants to be asked with the next time; nil where it says nothing, or wants nothing kept.
    let validators: Validators?
    /// nil where it is not wanted.
    let markdown: String?
    /// Whether the server said that the page is the one that was read before.
    let isUnchanged: Bool
  }

  struct Validators: Sendable {
    let etag: String?
    let lastModified: String?

    init?(_ response: FetchResponse) {
      (etag, lastModified) = (response.headers["etag"], response.headers["last-modified"])
      let isKeepable = !(response.headers["cache-control"]?.lowercased().contains("no-store") ?? false)
      guard etag != nil || lastModified != nil, isKeepable, !response.isTruncated else { return nil }
    }
  }

  /// The same with less time.
  func limited(to duration: Duration) -> PageLoader {
    PageLoader(
      fetcher: fetcher, robots: robots, agent: agent, scope: scope, deadline: deadline.capped(at: duration), pace: pace,
      wantsMarkdown: wantsMarkdown,
      recall: recall)
  }

  /// RFC 9309 asks for five at least; browsers give up at twenty.
  static let maximumRedirects = 8

  /// - Parameter known: what was read of the page before.
  func load(_ start: NormalizedURL, isHome: Bool = false, known: KnownPage? = nil) async -> Outcome {
    do {
      return try await loadFollowing(start, isHome: isHome, known)
    } catch {
      return .failed(error)
    }
  }

  private func loadFollowing(_ start: NormalizedURL, isHome: Bool, _ known: KnownPage?) async throws(FetchError)
    -> Outcome
  {
    func remember(_ known: KnownPage?) -> Remembered? {
      known.flatMap { known in Page(record: known.record).map { ($0, known) } }
    }
    var remembered = remember(known)
    var url = start
    var bytes = 0
    for _ in 0...Self.maximumRedirects {
      guard isHome || robots.allows(url, agent: agent) else { return .skipped("robots") }
      if remembered?.page.url != url { remembered = remember(recall([url])[url]) }
      let conditions = remembered?.known.headers ?? [:]
      let response: FetchResponse
      do throws(FetchError) {
        response = try await ask(url, conditions)
      } catch {
        // A server that fails once does not make a page, and all that it leads to, disappear.
        guard let remembered, !isHome, error.code != .forbiddenAddress, error.code != .cancelled else { throw error }
        return unchanged(remembered, FetchResponse(status: 304))
      }
      bytes += response.bytesReceived
      if response.status == 304, !conditions.isEmpty, let remembered {
        return unchanged(remembered, response)
      }
      if (300..<400).contains(response.status), let location = response.headers["location"] {
        guard let target = try? NormalizedURL(location, relativeTo: url) else { return .skipped("bad_redirect") }
        guard isHome || scope.contains(target) else { return .skipped("redirect_away") }
        // Who is not known is sent to say who he is, or what he agrees to.
        guard isHome || PageKind.isGate(start) || !PageKind.isGate(target) else { return .skipped("login") }
        url = target
        continue
      }
      if response.status == 429 || response.status >= 500, let remembered, !isHome {
        return unchanged(remembered, FetchResponse(status: 304))
      }
      guard (200..<300).contains(response.status) else { return .skipped("http_\(response.status)") }
      if wantsMarkdown, Self.isMarkdown(response, url) {
        let text = String(decoding: response.body, as: UTF8.self)
        return .page(
          loaded(Page(url: url), response, text, lastModified: response.headers["last-modified"], isUnchanged: false))
      }
      guard Self.isPage(response) else { return .skipped("not_html") }
      var markdown: String?
      let page: Page
      if wantsMarkdown {
        (page, markdown) = PageReader.readWithMarkdown(response.body, url: url, charset: response.charset, agent: agent)
      } else {
        page = PageReader.read(response.body, url: url, charset: response.charset, agent: agent)
      }
      return .page(
        loaded(page, response, markdown, lastModified: response.headers["last-modified"], isUnchanged: false))
    }
    return .skipped("redirect_loop")
  }

  /// What a server answers, once it has had the pause that it asked for.
  private func ask(_ url: NormalizedURL, _ conditions: [String: String]) async throws(FetchError) -> FetchResponse {
    var refusals = 0
    while true {
      await pace.turn(by: deadline)
      let response = try await fetcher.fetch(
        FetchRequest(
          url.description, headers: Self.headers.merging(conditions) { $1 }, limits: FetchLimits.page.within(deadline)))
      guard refusals < HostPace.patience, pace.grantsPause(after: response, by: deadline) else { return response }
      refusals += 1
    }
  }

  static let headers = ["accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"]

  private typealias Remembered = (page: Page, known: KnownPage)

  /// The page as it was read before.
  private func unchanged(_ remembered: Remembered, _ response: FetchResponse) -> Outcome {
    .page(loaded(remembered.page, response, nil, lastModified: remembered.known.lastModified, isUnchanged: true))
  }

  private func loaded(
    _ page: Page, _ response: FetchResponse, _ markdown: String?, lastModified: String?, isUnchanged: Bool
  ) -> LoadedPage {
    LoadedPage(
      page: page.with(headersOf: response, agent: agent), bytes: response.body.count, lastModified: lastModified,
      validators: Validators(response), markdown: markdown,
      isUnchanged: isUnchanged)
  }

  /// The page that a response holds.
  func read(_ response: FetchResponse, _ url: NormalizedURL) -> Page {
    PageReader.read(response.body, url: url, charset: response.charset, agent: agent).with(
      headersOf: response, agent: agent)
  }

  /// A page's twin that the site wrote itself.
  static func isMarkdown(_ response: FetchResponse, _ url: NormalizedURL) -> Bool {
    switch response.mediaType {
    case "text/markdown", "text/x-markdown": true
    case "text/plain", nil: url.path.hasSuffix(".md") && response.body.first { $0 > 0x20 } != UInt8(ascii: "<")
    default: false
    }
  }

  static func isPage(_ response: FetchResponse) -> Bool {
    switch response.mediaType {
    case "text/html", "application/xhtml+xml": true
    case nil: response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
    default: false
    }
  }
}

extension Page {
  /// The page with what the response's headers say of it: X-Robots-Tag, Link, Content-Language. What the page says
  /// itself counts first.
  package func with(headersOf response: FetchResponse, agent: String) -> Page {
    var page = self
    if let value = response.headers["x-robots-tag"] { page.add(RobotsDirectives(header: value, agent: agent)) }
    for link in response.headers["link"].map({ LinkHeader($0).links }) ?? [] {
      guard let url = try? NormalizedURL(link.reference, relativeTo: url) else { continue }
      if link.relations.contains("canonical") { page.canonical = page.canonical ?? url }
      guard link.relations.contains("alternate") else { continue }
      if let language = link.parameters["hreflang"] {
        page.alternates.append(.init(language: language, url: url))
      } else if link.parameters["type"]?.lowercased().hasPrefix("text/markdown") ?? false {
        page.markdownURL = page.markdownURL ?? url
      }
    }
    if page.refreshURL == nil,
      let target = response.headers["refresh"].flatMap({ RefreshDirective.target(of: $0, within: 5) })
    {
      page.refreshURL = try? NormalizedURL(target, relativeTo: url)
    }
    page.language = page.language ?? response.headers["content-language"].map { String($0.prefix { $0 != "," }).folded }
    return page
  }
}
