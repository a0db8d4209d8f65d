package import Contract
import Fetch
package import Web

extension SiteAnalysis {
  /// Reads pages of a site as Markdown, as politely as an analysis: robots.txt and its delay obeyed, a few at a time.
  ///
  /// - Returns: the Markdown of those that could be read before the deadline.
  package func markdown(of pages: [NormalizedURL], _ request: Request) async -> [NormalizedURL: String] {
    var markdown: [NormalizedURL: String] = [:]
    // By origin, for each has its own robots.txt.
    for (_, urls) in Dictionary(grouping: pages, by: \.origin).sorted(by: { $0.key < $1.key }) {
      markdown.merge(await read(urls, request)) { first, _ in first }
    }
    return markdown
  }

  private func read(_ urls: [NormalizedURL], _ request: Request) async -> [NormalizedURL: String] {
    let deadline = request.deadline.leaving(.seconds(2))
    let robots: RobotsFile
    switch try? await RobotsReader(fetcher: fetcher, deadline: deadline).read(urls[0]) {
    case .read(let file): robots = file
    case .absent: robots = .allowingAll
    case .unreachable, nil: return [:]
    }
    let loader = PageLoader(
      fetcher: fetcher, robots: robots, agent: agent,
      scope: Scope(home: urls[0].at(path: "/"), include: [], exclude: []), deadline: deadline,
      pace: HostPace(interval: Crawler.delay(robots, agent)), wantsMarkdown: true)
    let log = request.log
    let crawler = Crawler(
      fetcher: fetcher, agent: agent, deadline: deadline, known: { _ in [:] }, report: { report($0, log) })
    let outcomes = await crawler.load(urls, loader, isAlready: 0, found: urls.count)
    var markdown: [NormalizedURL: String] = [:]
    for (url, outcome) in zip(urls, outcomes) {
      if case .page(let loaded) = outcome { markdown[url] = loaded.markdown }
    }
    return markdown
  }
}
