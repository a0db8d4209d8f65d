package import Contract
package import Fetch
package import Web

/// Fetches URLs of a site politely: robots.txt, the pause between requests and the deadline apply to every request.
///
/// A ``RequestPolicy`` names the exceptions, such as the request for robots.txt itself.
package struct SiteClient: Sendable {
  private let fetcher: Fetcher
  private let robots: RobotsRules
  /// The product token for robots.txt.
  package let agent: String
  package let pace: HostPace
  package let deadline: Deadline

  /// The source of the rules of robots.txt.
  private enum RobotsRules: Sendable {
    case ofSite(RobotsFile)
    case ofEachOrigin(RobotsCache)
  }

  /// A client for one site.
  package init(
    fetcher: Fetcher, robots: RobotsFile, agent: String, deadline: Deadline, pace: HostPace = HostPace()
  ) {
    self.init(fetcher: fetcher, robots: .ofSite(robots), agent: agent, deadline: deadline, pace: pace)
  }

  /// A client for URLs of many sites; it fetches the robots.txt of each origin once.
  ///
  /// It keeps no pause between requests.
  package init(fetcher: Fetcher, robots: RobotsCache, agent: String, deadline: Deadline) {
    self.init(fetcher: fetcher, robots: .ofEachOrigin(robots), agent: agent, deadline: deadline, pace: HostPace())
  }

  private init(fetcher: Fetcher, robots: RobotsRules, agent: String, deadline: Deadline, pace: HostPace) {
    self.fetcher = fetcher
    self.robots = robots
    self.agent = agent
    self.deadline = deadline
    self.pace = pace
  }

  /// A copy with an earlier deadline.
  package func limited(to duration: Duration) -> SiteClient {
    SiteClient(fetcher: fetcher, robots: robots, agent: agent, deadline: deadline.capped(at: duration), pace: pace)
  }

  /// A client for the site of a URL only, with a pace of its own; everything is allowed if its robots.txt cannot be read.
  package func forSite(of url: NormalizedURL) async -> SiteClient {
    SiteClient(fetcher: fetcher, robots: await robotsFile(for: url) ?? .allowingAll, agent: agent, deadline: deadline)
  }

  // MARK: Rules

  /// The most requests to one host at a time.
  package static let usualConcurrency = 8

  /// The number of requests to send at a time: one if the host asks for a pause between requests.
  package func concurrency(_ most: Int = usualConcurrency) -> Int { pace.interval > .zero ? 1 : most }

  /// The rules of the URL's site; nil if they could not be read.
  package func robotsFile(for url: NormalizedURL) async -> RobotsFile? {
    if case .rules(let file) = await verdict(for: url) { file } else { nil }
  }

  /// Whether robots.txt allows a URL; false if it could not be read.
  package func allows(_ url: NormalizedURL) async -> Bool {
    await robotsFile(for: url)?.allows(url, agent: agent) ?? false
  }

  private func verdict(for url: NormalizedURL) async -> RobotsCache.Verdict {
    switch robots {
    case .ofSite(let file): .rules(file)
    case .ofEachOrigin(let cache): await cache.verdict(for: url)
    }
  }

  // MARK: Requests

  /// The result of one request.
  package enum Answer: Sendable {
    case response(FetchResponse)
    /// robots.txt does not allow the request.
    case disallowed
    /// robots.txt could not be read, so the request was not sent. The code is nil if the server answered.
    case robotsUnavailable(FetchError.Code?)
  }

  /// Sends one request, and returns redirects as they are.
  package func send(_ url: NormalizedURL, _ policy: RequestPolicy) async throws(FetchError) -> Answer {
    if policy.robots != .never {
      switch await verdict(for: url) {
      case .rules(let file): guard file.allows(url, agent: agent) else { return .disallowed }
      case .unreachable: return .robotsUnavailable(nil)
      case .failed(let code): return .robotsUnavailable(code)
      }
    }
    var sink: FetchRequest.BodySink?
    if let onBody = policy.onBody { sink = { onBody(url, $0) } }
    var retries = policy.retriesAfterPause ? HostPace.maximumRetries : 0
    while true {
      if policy.pace != .never { await pace.waitForTurn(by: deadline) }
      let response = try await fetcher.fetch(
        FetchRequest(
          url.description, method: policy.method, headers: policy.headers, limits: policy.limits.within(deadline),
          onBody: sink))
      guard retries > 0, pace.grantsPause(after: response, by: deadline) else { return .response(response) }
      retries -= 1
    }
  }

  /// The result of a request and its redirects, with the URL at which it ended.
  package enum Outcome: Sendable {
    case response(FetchResponse, at: NormalizedURL)
    case skipped(SkipReason, at: NormalizedURL)
    /// robots.txt could not be read, so the request was not sent.
    case robotsUnavailable(at: NormalizedURL)
  }

  /// Fetches a URL and follows its redirects, also to other sites.
  ///
  /// - Parameter excluded: redirects to these URLs are not followed; they end with ``SkipReason/redirect``.
  package func get(
    _ start: NormalizedURL, _ policy: RequestPolicy = RequestPolicy(), except excluded: Set<NormalizedURL> = []
  ) async throws(FetchError) -> Outcome {
    var url = start
    var policy = policy
    for _ in 0...policy.maximumRedirects {
      let response: FetchResponse
      switch try await send(url, policy) {
      case .response(let answer): response = answer
      case .disallowed: return .skipped(.robots, at: url)
      case .robotsUnavailable: return .robotsUnavailable(at: url)
      }
      guard (300..<400).contains(response.status) else { return .response(response, at: url) }
      guard let target = response.redirectTarget(from: url) else { return .skipped(.badRedirect, at: url) }
      guard !excluded.contains(target) else { return .skipped(.redirect, at: url) }
      url = target
      policy = policy.afterRedirect
    }
    return .skipped(.redirectLoop, at: url)
  }
}

extension FetchResponse {
  /// The URL in the `Location` header; nil if there is none, or it is not a valid URL.
  package func redirectTarget(from url: NormalizedURL) -> NormalizedURL? {
    headers["location"].flatMap { try? NormalizedURL($0, relativeTo: url) }
  }
}

extension FetchLimits {
  /// These limits with less time if the deadline is nearer; at least 100 ms.
  func within(_ deadline: Deadline) -> FetchLimits {
    var limits = self
    limits.duration = min(duration, max(.milliseconds(100), deadline.remaining))
    return limits
  }
}
