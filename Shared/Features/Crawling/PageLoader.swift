package import Fetch
package import Web

/// Fetches pages of a site: it follows redirects within the scope, sends conditional requests for known pages, and parses
/// the HTML.
package struct PageLoader: Sendable {
  package let client: SiteClient
  package let scope: Scope
  /// Whether to convert the pages to Markdown, too.
  private let wantsMarkdown: Bool
  /// Returns the pages of earlier crawls among these URLs.
  private let recall: @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage]

  package init(
    client: SiteClient, scope: Scope, wantsMarkdown: Bool = false,
    recall: @escaping @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage] = { _ in [:] }
  ) {
    self.client = client
    self.scope = scope
    self.wantsMarkdown = wantsMarkdown
    self.recall = recall
  }

  /// The result for one URL.
  package enum Outcome: Sendable {
    case page(LoadedPage)
    case skipped(SkipReason)
    case failed(FetchError)
  }

  package struct LoadedPage: Sendable {
    package let page: Page
    package let bytes: Int
    package let lastModified: String?
    /// The values for the next conditional request; nil if the server sent none, or does not want the page stored.
    package let validators: Validators?
    /// The page as Markdown; nil unless it is wanted.
    package let markdown: String?
    /// Whether the page is the stored one, because the server says that it is unchanged, or does not answer.
    package let isUnchanged: Bool
  }

  /// The values for a conditional request (RFC 9110, section 13.1).
  package struct Validators: Sendable {
    package let etag: String?
    package let lastModified: String?

    init?(_ response: FetchResponse) {
      (etag, lastModified) = (response.headers["etag"], response.headers["last-modified"])
      let isStorable = !(response.headers["cache-control"]?.lowercased().contains("no-store") ?? false)
      guard etag != nil || lastModified != nil, isStorable, !response.isTruncated else { return nil }
    }
  }

  /// A copy with an earlier deadline.
  func limited(to duration: Duration) -> PageLoader {
    PageLoader(client: client.limited(to: duration), scope: scope, wantsMarkdown: wantsMarkdown, recall: recall)
  }

  /// RFC 9309 asks for at least five; browsers stop at twenty.
  private static let maximumRedirects = 8

  /// Loads a page.
  ///
  /// - Parameter isHome: whether it is the home page. Its redirects may leave the scope, and robots.txt, which is fetched
  ///   at the same time, is not asked.
  package func load(_ url: NormalizedURL, isHome: Bool = false) async -> Outcome {
    await load(url, isHome: isHome, lookup: nil)
  }

  /// Loads pages concurrently.
  ///
  /// - Parameter onLoad: called with the number of pages done so far.
  /// - Returns: an outcome for each URL, in their order; ``SkipReason/deadline`` for those that were not loaded in time.
  package func load(_ urls: [NormalizedURL], onLoad: (Int) -> Void = { _ in }) async -> [Outcome] {
    let known = recall(urls)
    var outcomes = [Outcome](repeating: .skipped(.deadline), count: urls.count)
    var done = 0
    await urls.forEachConcurrently(atMost: client.concurrency(), by: client.deadline) { url in
      await load(url, isHome: false, lookup: (url, known[url]))
    } onResult: { outcome, index in
      outcomes[index] = outcome
      done += 1
      onLoad(done)
    }
    return outcomes
  }

  /// The URL that was last looked up among the known pages, and its page.
  private typealias Lookup = (url: NormalizedURL, page: KnownPage?)

  private func load(_ url: NormalizedURL, isHome: Bool, lookup: Lookup?) async -> Outcome {
    do {
      return try await loadFollowingRedirects(url, isHome: isHome, lookup)
    } catch {
      return .failed(error)
    }
  }

  private func loadFollowingRedirects(
    _ start: NormalizedURL, isHome: Bool, _ lookup: Lookup?
  ) async throws(FetchError) -> Outcome {
    var stored = lookup?.page.flatMap(StoredPage.init)
    var lookedUp = lookup?.url
    var url = start
    var policy = RequestPolicy(robots: isHome ? .never : .everyRequest)
    policy.retriesAfterPause = true
    for _ in 0...Self.maximumRedirects {
      if lookedUp != url {
        stored = recall([url])[url].flatMap(StoredPage.init)
        lookedUp = url
      }
      let conditions = stored?.known.headers ?? [:]
      policy.headers = Self.headers.merging(conditions) { $1 }
      let response: FetchResponse
      do throws(FetchError) {
        guard case .response(let answer) = try await client.send(url, policy) else { return .skipped(.robots) }
        response = answer
      } catch {
        // The stored page replaces one that cannot be fetched this time.
        guard let stored, !isHome, error.code != .forbiddenAddress, error.code != .cancelled else { throw error }
        return unchanged(stored, FetchResponse(status: 304))
      }
      if response.status == 304, !conditions.isEmpty, let stored { return unchanged(stored, response) }
      if (300..<400).contains(response.status), response.headers["location"] != nil {
        guard let target = response.redirectTarget(from: url) else { return .skipped(.badRedirect) }
        guard isHome || scope.contains(target) else { return .skipped(.redirectAway) }
        guard isHome || PageAddress.isGate(start) || !PageAddress.isGate(target) else { return .skipped(.login) }
        url = target
        continue
      }
      if response.status == 429 || response.status >= 500, let stored, !isHome {
        return unchanged(stored, FetchResponse(status: 304))
      }
      guard (200..<300).contains(response.status) else { return .skipped(.http(response.status)) }
      return read(response, at: url)
    }
    return .skipped(.redirectLoop)
  }

  private func read(_ response: FetchResponse, at url: NormalizedURL) -> Outcome {
    let lastModified = response.headers["last-modified"]
    if wantsMarkdown, response.isMarkdown(at: url) {
      let text = String(decoding: response.body, as: UTF8.self)
      return .page(loaded(Page(url: url), response, text, lastModified: lastModified, isUnchanged: false))
    }
    guard response.isHTML else { return .skipped(.notHTML) }
    var markdown: String?
    let page: Page
    if wantsMarkdown {
      (page, markdown) = PageReader.readWithMarkdown(
        response.body, url: url, charset: response.charset, agent: client.agent)
    } else {
      page = PageReader.read(response.body, url: url, charset: response.charset, agent: client.agent)
    }
    return .page(loaded(page, response, markdown, lastModified: lastModified, isUnchanged: false))
  }

  package static let headers = ["accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"]

  /// A page of an earlier crawl, decoded.
  private struct StoredPage {
    let page: Page
    let known: KnownPage

    init?(_ known: KnownPage) {
      guard let page = Page(record: known.record) else { return nil }
      self.page = page
      self.known = known
    }
  }

  private func unchanged(_ stored: StoredPage, _ response: FetchResponse) -> Outcome {
    .page(loaded(stored.page, response, nil, lastModified: stored.known.lastModified, isUnchanged: true))
  }

  private func loaded(
    _ page: Page, _ response: FetchResponse, _ markdown: String?, lastModified: String?, isUnchanged: Bool
  ) -> LoadedPage {
    LoadedPage(
      page: page.with(headersOf: response, agent: client.agent), bytes: response.body.count,
      lastModified: lastModified, validators: Validators(response), markdown: markdown, isUnchanged: isUnchanged)
  }
}
