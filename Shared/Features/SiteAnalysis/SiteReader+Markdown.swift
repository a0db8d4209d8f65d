package import Access
import Contract
package import Crawling
import Fetch
package import Web

extension SiteReader {
  /// Fetches pages as Markdown. Like an analysis, it obeys each site's robots.txt and its crawl delay.
  ///
  /// - Parameter address: The address of the copy that is fetched instead of the site.
  /// - Returns: The Markdown of the pages that could be fetched before the deadline.
  package func markdown(
    of pages: [NormalizedURL], from address: PublicAddress?, _ call: Call
  ) async -> [NormalizedURL: String] {
    var markdown: [NormalizedURL: String] = [:]
    // Group pages by origin, because each origin has its own robots.txt.
    for (_, urls) in Dictionary(grouping: pages, by: \.origin).sorted(by: { $0.key < $1.key }) {
      markdown.merge(await read(urls, fetcher(address, call.log), call)) { first, _ in first }
    }
    return markdown
  }

  private func read(
    _ urls: [NormalizedURL], _ fetcher: Fetcher, _ call: Call
  ) async -> [NormalizedURL: String] {
    let deadline = call.deadline.leaving(.seconds(2))
    let robots: RobotsFile
    switch try? await RobotsReader(fetcher: fetcher, deadline: deadline).read(urls[0]) {
    case .read(let file): robots = file
    case .absent: robots = .allowingAll
    case .unreachable, nil: return [:]
    }
    let client = SiteClient(
      fetcher: fetcher, robots: robots, agent: agent, deadline: deadline,
      pace: HostPace(interval: robots.pause(for: agent)))
    let loader = PageLoader(
      client: client, scope: Scope(home: urls[0].at(path: "/"), include: [], exclude: []), wantsMarkdown: true)
    let log = call.log
    let outcomes = await loader.load(urls) { report(.fetched($0, of: urls.count), log) }
    var markdown: [NormalizedURL: String] = [:]
    for (url, outcome) in zip(urls, outcomes) {
      if case .page(let loaded) = outcome { markdown[url] = loaded.markdown }
    }
    return markdown
  }
}
