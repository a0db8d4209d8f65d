import Contract
import Fetch
import Web

/// Asks whether a URL answers, and reads what it holds where that is a page.
struct LinkProbe: Sendable {
  let fetcher: Fetcher
  let robots: RobotsCache
  let agent: String
  let deadline: Deadline
  /// As ``SitemapDate/day(_:)`` counts days.
  let today: Int

  enum Outcome: Sendable, Equatable {
    case alive(Answer)
    /// It leads elsewhere, which answers.
    case redirected(NormalizedURL, isPermanent: Bool, Answer)
    /// A status, or a reason in one word.
    case dead(status: Int?, reason: String)
    /// It is there, but not for us: 401, 403, 429 and their like.
    case refused(status: Int)
    /// It was not asked for: `robots`, `robots_unreachable`, `forbidden_address`, `deadline`, `timed_out`.
    case unknown(String)

    var answer: Answer? {
      switch self {
      case .alive(let answer), .redirected(_, _, let answer): answer
      default: nil
      }
    }
  }

  /// What the headers tell.
  struct Answer: Sendable, Equatable {
    var mediaType: String?
    var lastModified: String?
    var date: String?
    /// nil for what is no page of HTML.
    var page: Reading?
  }

  /// What a page says of itself to those that would link it.
  struct Reading: Sendable, Equatable {
    var saysNotFound = false
    var forbidsIndexing = false
    var isScriptShell = false
    /// Where it says that the original of what it shows is; nil where that is here.
    var original: NormalizedURL?
  }

  private static let limits = FetchLimits(bytes: 64 << 10, duration: .seconds(10))
  /// Of a page, enough to know what it is.
  private static let pageLimits = FetchLimits(bytes: 1 << 20, duration: .seconds(10))

  func probe(_ url: NormalizedURL) async -> Outcome {
    do {
      return try await follow(url)
    } catch {
      return outcome(of: error.code)
    }
  }

  private func outcome(of error: FetchError.Code) -> Outcome {
    switch error {
    case .forbiddenAddress: .unknown(error.rawValue)
    case .cancelled: .unknown("deadline")
    case .timedOut: .unknown(deadline.isPast ? "deadline" : error.rawValue)
    default: .dead(status: nil, reason: error.rawValue)
    }
  }

  private func follow(_ start: NormalizedURL) async throws(FetchError) -> Outcome {
    var url = start
    var isPermanent = true
    for _ in 0...5 {
      guard !deadline.isPast else { return .unknown("deadline") }
      switch await robots.verdict(for: url) {
      case .rules(let rules): guard rules.allows(url, agent: agent) else { return .unknown("robots") }
      case .unreachable: return .unknown("robots_unreachable")
      case .failed(let error): return outcome(of: error)
      }
      let response = Scope.looksLikePage(url) ? try await read(url) : try await ask(url)
      switch response.status {
      case 300..<400 where response.status != 304:
        guard let location = response.headers["location"], let target = try? NormalizedURL(location, relativeTo: url)
        else {
          return .dead(status: nil, reason: "bad_redirect")
        }
        isPermanent = isPermanent && (response.status == 301 || response.status == 308)
        url = target
      // 416: there is nothing in the range, so there is a page (RFC 9110, section 15.5.17).
      case 200..<300, 304, 416:
        let answer = Answer(
          mediaType: response.mediaType, lastModified: response.headers["last-modified"],
          date: response.headers["date"],
          page: await reading(response, at: url))
        return url == start ? .alive(answer) : .redirected(url, isPermanent: isPermanent, answer)
      case 401, 402, 403, 407, 429, 451, 503, 999: return .refused(status: response.status)
      default: return .dead(status: response.status, reason: "http_\(response.status)")
      }
    }
    return .dead(status: nil, reason: "redirect_loop")
  }

  private func reading(_ response: FetchResponse, at url: NormalizedURL) async -> Reading? {
    guard PageLoader.isPage(response), !response.body.isEmpty else { return nil }
    let page = await loader(for: url).read(response, url)
    let original = page.canonical.map { $0.spelled(as: url) }
    return Reading(
      saysNotFound: await robots.notFound(for: url).matches(page), forbidsIndexing: page.forbidsIndexing(on: today),
      isScriptShell: page.isScriptShell, original: original.flatMap { $0.pageIdentity == url.pageIdentity ? nil : $0 })
  }

  private func loader(for url: NormalizedURL) async -> PageLoader {
    PageLoader(
      fetcher: fetcher, robots: await robots.file(for: url) ?? .allowingAll, agent: agent,
      scope: Scope(home: url.root, include: [], exclude: []),
      deadline: deadline)
  }

  /// Finds out how a site says that a page is not there.
  func learnNotFound(of site: NormalizedURL) async {
    if await robots.file(for: site) != nil { await robots.learnNotFound(of: site, loader(for: site)) }
  }

  private func read(_ url: NormalizedURL) async throws(FetchError) -> FetchResponse {
    try await fetcher.fetch(
      FetchRequest(url.description, headers: PageLoader.headers, limits: Self.pageLimits.within(deadline)))
  }

  /// HEAD, and where that is not well answered, GET of the first bytes: many servers know no HEAD.
  private func ask(_ url: NormalizedURL) async throws(FetchError) -> FetchResponse {
    do {
      let response = try await fetcher.fetch(
        FetchRequest(url.description, method: "HEAD", limits: Self.limits.within(deadline)))
      if response.status < 400 { return response }
    } catch {
      guard error.code == .malformedResponse || error.code == .connectionFailed else { throw error }
    }
    return try await fetcher.fetch(
      FetchRequest(url.description, headers: ["range": "bytes=0-1023"], limits: Self.limits.within(deadline)))
  }
}
