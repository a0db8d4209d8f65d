import Contract
import Fetch
import Web

/// What robots.txt means for a site, with the status rules around it (RFC 9309, section 2.3.1).
struct RobotsReader: Sendable {
  enum Verdict: Sendable {
    case read(RobotsFile)
    /// A 4xx, or redirects without end: everything is allowed.
    case absent
    /// A 5xx, a 429 or no answer: everything is disallowed.
    case unreachable
  }

  let fetcher: Fetcher
  let deadline: Deadline

  func read(_ site: NormalizedURL) async throws(FetchError) -> Verdict {
    var url = site.at(path: "/robots.txt")
    for _ in 0...5 {
      var limits = FetchLimits.robots
      limits.duration = min(limits.duration, max(.milliseconds(100), deadline.remaining))
      let response = try await fetcher.fetch(FetchRequest(url.description, limits: limits))
      switch response.status {
      case 200..<300:
        return .read(RobotsFile(response.body))
      case 300..<400:
        guard let location = response.headers["location"], let target = try? NormalizedURL(location, relativeTo: url) else { return .absent }
        url = target
      case 429, 500...: return .unreachable
      default: return .absent
      }
    }
    return .absent
  }
}
