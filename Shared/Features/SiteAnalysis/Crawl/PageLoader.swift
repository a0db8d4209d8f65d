import Contract
import Fetch
import Web

/// Fetches one page, follows its redirects within the site's rules, and reads it.
struct PageLoader: Sendable {
  let fetcher: Fetcher
  let robots: RobotsFile
  let agent: String
  let scope: Scope
  let deadline: Deadline

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
  }

  /// RFC 9309 asks for five at least; browsers give up at twenty.
  static let maximumRedirects = 8

  func load(_ start: NormalizedURL, isHome: Bool = false) async -> Outcome {
    do {
      return try await loadFollowing(start, isHome: isHome)
    } catch {
      return .failed(error)
    }
  }

  private func loadFollowing(_ start: NormalizedURL, isHome: Bool) async throws(FetchError) -> Outcome {
    var url = start
    var bytes = 0
    for _ in 0...Self.maximumRedirects {
      guard isHome || robots.allows(url, agent: agent) else { return .skipped("robots") }
      let response = try await fetcher.fetch(
        FetchRequest(
          url.description, headers: ["accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"], limits: FetchLimits.page.within(deadline)))
      bytes += response.bytesReceived
      if (300..<400).contains(response.status), let location = response.headers["location"] {
        guard let target = try? NormalizedURL(location, relativeTo: url) else { return .skipped("bad_redirect") }
        guard isHome || scope.contains(target) else { return .skipped("redirect_away") }
        url = target
        continue
      }
      guard (200..<300).contains(response.status) else { return .skipped("http_\(response.status)") }
      guard Self.isPage(response) else { return .skipped("not_html") }
      let page = PageReader.read(response.body, url: url, charset: response.charset)
      var loaded = page
      for directive in response.headers["x-robots-tag"]?.lowercased().split(separator: ",") ?? [] {
        // `agent: directive` is meant for that agent alone.
        let parts = directive.split(separator: ":").map { $0.filter { $0 != " " } }
        if parts.count == 1 || parts.first == agent.lowercased() { loaded.robots.insert(parts.last ?? "") }
      }
      return .page(
        LoadedPage(page: loaded, bytes: response.body.count, lastModified: response.headers["last-modified"]))
    }
    return .skipped("redirect_loop")
  }

  private static func isPage(_ response: FetchResponse) -> Bool {
    switch response.mediaType {
    case "text/html", "application/xhtml+xml": true
    case nil: response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
    default: false
    }
  }
}
