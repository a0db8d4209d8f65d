import Contract
import Fetch
import FoundationEssentials
import Web

extension Crawler {
  /// Reads robots.txt and the home page, in the language that is wanted.
  ///
  /// - Returns: what there is, and what reads the rest.
  func readHome(_ request: AnalyzeRequest) async throws -> (Harvest, PageLoader) {
    let everything = Scope(home: request.url, include: [], exclude: [])
    let loader = PageLoader(
      fetcher: fetcher, robots: .allowingAll, agent: agent, scope: everything, deadline: deadline, recall: known)
    async let verdict = RobotsReader(fetcher: fetcher, deadline: deadline).read(request.url)
    async let outcome = loader.load(request.url, isHome: true, known: known([request.url])[request.url])
    var home: PageLoader.LoadedPage
    switch await outcome {
    case .page(let loaded): home = loaded
    case .failed(let error) where error.code == .forbiddenAddress || error.code == .cancelled: throw error
    case .failed(let error):
      throw Failure(
        .upstreamFailed, "\(request.url) does not answer: \(error)", details: ["reason": error.code.rawValue])
    case .skipped(let reason):
      throw Failure(.upstreamFailed, Self.explain(reason, request.url), details: ["reason": reason])
    }
    var finalVerdict = try? await verdict
    if !home.page.url.hasSameOrigin(as: request.url) {
      finalVerdict = try? await RobotsReader(fetcher: fetcher, deadline: deadline).read(home.page.url)
    }
    let robots: RobotsFile
    let state: SiteReport.Discovery.Robots
    switch finalVerdict {
    case .read(let file): (robots, state) = (file, .read)
    case .absent: (robots, state) = (.allowingAll, .absent)
    case .unreachable, nil:
      throw Failure(
        .upstreamFailed,
        "\(home.page.url.origin)/robots.txt cannot be read, which means that nothing may be; try again later",
        details: ["reason": "robots_unreachable"])
    }
    guard robots.allows(home.page.url, agent: agent) else {
      throw Failure(
        .forbidden, "\(home.page.url.origin)/robots.txt does not allow \(agent) to read \(home.page.url)",
        details: ["reason": "robots"])
    }
    let reader = PageLoader(
      fetcher: fetcher, robots: robots, agent: agent, scope: everything, deadline: deadline,
      pace: HostPace(interval: Self.delay(robots, agent)),
      recall: known)
    // A front page that only sends on to another is none.
    var passed: [NormalizedURL] = []
    while passed.count < 3, home.page.words < 50, let target = home.page.refreshURL, target.isSameSite(as: request.url),
      target.pageIdentity != home.page.url.pageIdentity,
      robots.allows(target, agent: agent),
      case .page(let next) = await reader.load(target.spelled(as: home.page.url), known: nil)
    {
      passed.append(home.page.url)
      home = next
    }
    let first = home
    if let twin = await twin(of: home.page, in: request.language, reader) { home = twin }
    var harvest = Harvest(home: home.page, languages: SiteLanguages(home: home.page, asked: request.language))
    if home.page.url != first.page.url { harvest.leftOut.append(LeftOut(url: first.page.url, reason: "language")) }
    harvest.leftOut += passed.map { LeftOut(url: $0, reason: "redirect") }
    harvest.discovery.robots = state
    harvest.today = SitemapDate.day(Date().formatted(.iso8601.year().month().day()))
    harvest.bytes = home.bytes
    harvest.pages = [CrawledPage(home, clicks: 0, lastModified: nil)]
    let scope = Scope(home: home.page.url, asked: request.url, include: request.include, exclude: request.exclude)
    return (
      harvest,
      PageLoader(
        fetcher: fetcher, robots: robots, agent: agent, scope: scope, deadline: deadline, pace: reader.pace,
        recall: known)
    )
  }

  /// The home page in the language that is asked for, where it is in another and names its twin.
  private func twin(of home: Page, in language: String?, _ loader: PageLoader) async -> PageLoader.LoadedPage? {
    guard let language, home.language.map(SiteLanguages.primary) != language else { return nil }
    let twins = home.alternates.filter {
      $0.url.isSameSite(as: home.url) && SiteLanguages.primary($0.language) == language
    }
    // `de` rather than `de-CH`; among those that are left, the first.
    guard
      let url = (twins.first { $0.language.utf8.count == language.utf8.count } ?? twins.first)?.url.spelled(
        as: home.url),
      url.pageIdentity != home.url.pageIdentity, loader.robots.allows(url, agent: agent),
      case .page(let loaded) = await loader.load(url, known: known([url])[url]),
      // A twin that says that it is in yet another language is a mistake.
      loaded.page.language.map({ SiteLanguages.primary($0) == language }) ?? true
    else { return nil }
    return loaded
  }

  private static func explain(_ reason: String, _ url: NormalizedURL) -> String {
    switch reason {
    case "not_html": "\(url) is not an HTML page"
    case "redirect_loop": "\(url) redirects without end"
    case "bad_redirect": "\(url) redirects to something that is no URL"
    default: "\(url) answered \(reason.replacing("http_", with: "with status "))"
    }
  }
}
