import Contract
import Crawling
import Fetch
import Web

/// Finds the Markdown versions of a site's pages, and checks that they exist.
///
/// A page or the site's llms.txt may name the Markdown version. If none does, the common naming conventions are tried. The
/// other files that the llms.txt links to are checked, too. Each URL in the result was requested, now or when its page was
/// last fetched.
struct MarkdownVersions: Sendable {
  let client: SiteClient
  let scope: Scope

  /// A naming convention for the Markdown version of a page.
  enum Convention: Sendable, CaseIterable {
    /// `/a.md` for `/a`, `/a.html.md` for `/a.html`, as llmstxt.org describes it.
    case appended
    /// `/a/index.html.md` for `/a/`, as llmstxt.org describes it.
    case index
    /// `/a.md` for `/a.html`.
    case replaced
    /// `/a/index.md` for `/a/`.
    case plainIndex
    /// `/a.md` for `/a/`.
    case stripped

    /// nil if the convention does not apply to the page.
    func version(of url: NormalizedURL) -> NormalizedURL? {
      let path = url.path
      guard url.query == nil, path != "/" else { return nil }
      switch self {
      case .appended: return path.hasSuffix("/") ? nil : url.at(path: path + ".md")
      case .index: return path.hasSuffix("/") ? url.at(path: path + "index.html.md") : nil
      case .plainIndex: return path.hasSuffix("/") ? url.at(path: path + "index.md") : nil
      case .stripped: return path.hasSuffix("/") ? url.at(path: path.dropLast() + ".md") : nil
      case .replaced: return path.hasSuffix(".html") ? url.at(path: path.dropLast(5) + ".md") : nil
      }
    }
  }

  static func isMarkdown(_ url: NormalizedURL) -> Bool { url.path.hasSuffix(".md") }

  /// The most likely page of a Markdown version.
  static func page(of version: NormalizedURL) -> NormalizedURL {
    var path = version.path.dropLast(".md".count)
    for index in ["index.html", "index"] where path.hasSuffix("/" + index) { path = path.dropLast(index.count) }
    return version.at(path: String(path))
  }

  /// The number of pages with which each convention is tried.
  private static let samples = 2
  /// Conventions are not tried if the site asks for a longer pause between requests.
  private static let longestInterval = Duration.seconds(1)

  /// Sets, for each page that may be listed, whether its Markdown version exists, and collects the existing other files of
  /// the site's llms.txt. It takes a third of the remaining time at most.
  func find(_ result: inout SiteCrawl.Result) async {
    let crawl = result.crawl
    let sieve = PageSieve(crawl.pages, crawl.languages, today: crawl.today)
    let wanted = Set(sieve.kept.dropFirst().map(\.page.url))
    let indices = crawl.pages.indices.dropFirst().filter {
      wanted.contains(crawl.pages[$0].page.url) && !PageAddress.isSystem(crawl.pages[$0].page.url)
    }
    let bounded = MarkdownVersions(client: client.limited(to: client.deadline.remaining / 3), scope: scope)

    var checks: Checks = [:]
    let recommended = result.existing?.links.filter { !Scope.looksLikePage($0) && scope.contains($0) } ?? []
    await bounded.check(recommended, &checks)
    for link in recommended { result.files[link] = checks[link] }

    var numbers = Discovery.Markdown(named: 0, byConvention: 0, there: 0)
    let named = indices.filter { crawl.pages[$0].page.markdownURL != nil }
    numbers.named = named.count
    await bounded.checkNamed(named, &result.crawl, &checks)
    // A site that names some Markdown versions has no others. If stored pages have none, the conventions were tried before.
    let others = indices.filter { crawl.pages[$0].page.markdownURL == nil }
    if named.isEmpty, !others.contains(where: { crawl.pages[$0].page.hasMarkdown == false }) {
      let guessed = await bounded.guess(
        others.map { crawl.pages[$0].page.url }, Set(recommended), home: crawl.home.url, &checks)
      for index in others {
        guard let guess = guessed[crawl.pages[index].page.url] else { continue }
        result.crawl.pages[index].page.markdownURL = guess.exists == true ? guess.version : nil
        result.crawl.pages[index].page.hasMarkdown = guess.exists
        if guess.version != nil { numbers.byConvention += 1 }
      }
    }
    numbers.there = indices.count { result.crawl.pages[$0].page.hasMarkdown == true }
    if numbers.named + numbers.byConvention > 0 { result.crawl.discovery.markdown = numbers }
  }

  /// Checks the Markdown versions that pages name.
  private func checkNamed(_ named: [Int], _ crawl: inout CrawlResult, _ checks: inout Checks) async {
    func version(of index: Int) -> NormalizedURL { crawl.pages[index].page.markdownURL! }
    await check(named.filter { crawl.pages[$0].page.hasMarkdown == nil }.map(version), &checks)
    // The versions of unchanged pages existed before. If one of them still exists, so do the others.
    let stored = named.filter { crawl.pages[$0].page.hasMarkdown == true }.map(version)
    if let first = stored.first {
      await check([first], &checks)
      if checks[first] != true { await check(stored, &checks) }
    }
    for index in named {
      if let exists = checks[version(of: index)] { crawl.pages[index].page.hasMarkdown = exists }
    }
  }

  // MARK: Conventions

  /// The Markdown version of a page by a convention, and whether it exists; nil if that could not be checked.
  private typealias Guess = (version: NormalizedURL?, exists: Bool?)

  /// Tries the conventions with a few pages, then checks the versions of all pages by the conventions that hold.
  ///
  /// - Returns: the guesses by page; pages whose versions could not be checked are missing.
  private func guess(
    _ urls: [NormalizedURL], _ recommended: Set<NormalizedURL>, home: NormalizedURL, _ checks: inout Checks
  ) async -> [NormalizedURL: Guess] {
    guard client.pace.interval <= Self.longestInterval, !urls.isEmpty else { return [:] }
    let samples = Convention.allCases.map { convention in
      let versions = urls.compactMap(convention.version)
      // The versions that the site's llms.txt links to are the best samples.
      let likely = versions.filter(recommended.contains).prefix(Self.samples)
      return likely.isEmpty
        ? Set([0, versions.count / 2].prefix(Self.samples)).sorted().filter { $0 < versions.count }.map { versions[$0] }
        : Array(likely)
    }
    await check(samples.flatMap { $0 }, &checks)
    let found = zip(Convention.allCases, samples).filter { $1.contains { checks[$0] == true } }.map(\.0)
    let conventions = await withoutCatchAll(found, home: home, &checks)

    var guesses: [NormalizedURL: Guess] = [:]
    var versions: [NormalizedURL: NormalizedURL] = [:]
    for url in urls {
      if let version = conventions.lazy.compactMap({ $0.version(of: url) }).first {
        versions[url] = version
      } else if samples.joined().allSatisfy({ checks[$0] != nil }) {
        // The page is stored with the fact that no convention holds.
        guesses[url] = (nil, false)
      }
    }
    await check(urls.compactMap { versions[$0] }, &checks)
    for (url, version) in versions { guesses[url] = (version, checks[version]) }
    return guesses
  }

  /// Removes the conventions by which the site has Markdown even for a page that does not exist.
  private func withoutCatchAll(
    _ conventions: [Convention], home: NormalizedURL, _ checks: inout Checks
  ) async -> [Convention] {
    let missing = SoftNotFound.missingURL(at: home)
    let probes = conventions.map { convention in
      convention.version(of: missing) ?? convention.version(of: missing.at(path: missing.path + "/"))
        ?? missing.at(path: missing.path + ".md")
    }
    await check(probes, &checks)
    return zip(conventions, probes).filter { checks[$1] == false }.map(\.0)
  }

  // MARK: Requests

  /// Whether a URL returned the expected content. A URL is missing if the site did not answer in time.
  private typealias Checks = [NormalizedURL: Bool]

  /// Checks the URLs that were not checked yet.
  private func check(_ urls: [NormalizedURL], _ checks: inout Checks) async {
    var seen = Set(checks.keys)
    let urls = urls.filter { seen.insert($0).inserted }
    await urls.forEachConcurrently(atMost: client.concurrency(), by: client.deadline) { url in
      await exists(url)
    } onResult: { exists, index in
      checks[urls[index]] = exists
    }
  }

  /// - Parameter redirects: the number of redirects to follow. Redirects of Markdown are not followed, because many lead
  ///   from a page that is gone to another page.
  private func exists(_ url: NormalizedURL, redirects: Int = 3) async -> Bool? {
    guard url.isSameSite(as: scope.home), await client.allows(url) else { return false }
    guard let head = await response(to: url, method: "HEAD") else { return nil }
    switch head.status {
    case 200 where head.mediaType != "text/plain" && head.mediaType != nil: return Self.holds(head, url)
    case 300..<400 where !Self.isMarkdown(url) && redirects > 0:
      guard let target = head.redirectTarget(from: url) else { return false }
      return await exists(target, redirects: redirects - 1)
    case 300..<400, 404, 410: return false
    default: break
    }
    // The first bytes tell more than the headers, and many servers do not support HEAD.
    guard let start = await response(to: url, headers: ["range": "bytes=0-1023"]) else { return nil }
    switch start.status {
    case 200, 206: return Self.holds(start, url)
    case 429, 500...: return nil
    default: return false
    }
  }

  /// Whether a response matches its URL. Some sites send the same page for every URL.
  private static func holds(_ response: FetchResponse, _ url: NormalizedURL) -> Bool {
    Scope.looksLikePage(url) || isMarkdown(url) ? response.isMarkdown(at: url) : !response.isHTML
  }

  private func response(
    to url: NormalizedURL, method: String = "GET", headers: [String: String] = [:]
  ) async -> FetchResponse? {
    guard !client.deadline.isPast else { return nil }
    let policy = RequestPolicy(
      method: method, headers: headers, limits: FetchLimits(bytes: 64 << 10, duration: .seconds(10)))
    guard case .response(let response)? = try? await client.send(url, policy) else { return nil }
    return response
  }
}
