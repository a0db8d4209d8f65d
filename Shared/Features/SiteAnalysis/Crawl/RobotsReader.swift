import Contract
import Fetch
import Web

/// What robots.txt means for a site, with the status rules around it (RFC 9309, section 2.3.1).
struct RobotsReader: Sendable {
  enum Verdict: Sendable {
    case read(RobotsFile)
    /// A 4xx, or redirects without end: everything is allowed.
    case absent
    /// A 5xx or a 429: everything is disallowed. So it is where there is no answer at all, which is thrown.
    case unreachable
  }

  let fetcher: Fetcher
  let deadline: Deadline

  func read(_ site: NormalizedURL) async throws(FetchError) -> Verdict {
    let file = site.at(path: "/robots.txt")
    guard let (response, _) = try await fetcher.fetchFollowingRedirects(file, limits: .robots, by: deadline) else {
      return .absent
    }
    switch response.status {
    case 200..<300: return .read(RobotsFile(response.body))
    case 429, 500...: return .unreachable
    default: return .absent
    }
  }
}
