package import Contract
package import Fetch
package import Web

/// Fetches the robots.txt of a site and applies the rules for its status (RFC 9309, section 2.3.1).
package struct RobotsReader: Sendable {
  package enum Verdict: Sendable {
    case read(RobotsFile)
    /// Any other status, such as 404, or redirects that cannot be followed: everything is allowed.
    case absent
    /// Status 429 or from 500 on: nothing is allowed.
    case unreachable
  }

  private let client: SiteClient

  package init(fetcher: Fetcher, deadline: Deadline) {
    client = SiteClient(fetcher: fetcher, robots: .allowingAll, agent: "", deadline: deadline)
  }

  /// - Throws: ``FetchError`` if the site does not answer; nothing is allowed then either.
  package func read(_ site: NormalizedURL) async throws(FetchError) -> Verdict {
    guard case .response(let response, _) = try await client.get(site.at(path: "/robots.txt"), .robotsFile) else {
      return .absent
    }
    switch response.status {
    case 200..<300: return .read(RobotsFile(response.body))
    case 429, 500...: return .unreachable
    default: return .absent
    }
  }
}
