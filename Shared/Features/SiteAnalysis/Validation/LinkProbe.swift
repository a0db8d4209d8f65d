import Contract
import Fetch
import Web

/// Asks whether a URL answers, without reading what it holds.
struct LinkProbe: Sendable {
  let fetcher: Fetcher
  let robots: RobotsCache
  let agent: String
  let deadline: Deadline

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
  }

  private static let limits = FetchLimits(bytes: 64 << 10, duration: .seconds(10))

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
      let response = try await ask(url)
      switch response.status {
      case 300..<400 where response.status != 304:
        guard let location = response.headers["location"], let target = try? NormalizedURL(location, relativeTo: url) else {
          return .dead(status: nil, reason: "bad_redirect")
        }
        isPermanent = isPermanent && (response.status == 301 || response.status == 308)
        url = target
      // 416: there is nothing in the range, so there is a page (RFC 9110, section 15.5.17).
      case 200..<300, 304, 416:
        let answer = Answer(mediaType: response.mediaType, lastModified: response.headers["last-modified"], date: response.headers["date"])
        return url == start ? .alive(answer) : .redirected(url, isPermanent: isPermanent, answer)
      case 401, 402, 403, 407, 429, 451, 503, 999: return .refused(status: response.status)
      default: return .dead(status: response.status, reason: "http_\(response.status)")
      }
    }
    return .dead(status: nil, reason: "redirect_loop")
  }

  /// HEAD, and where that is not well answered, GET of the first bytes: many servers know no HEAD.
  private func ask(_ url: NormalizedURL) async throws(FetchError) -> FetchResponse {
    do {
      let response = try await fetcher.fetch(FetchRequest(url.description, method: "HEAD", limits: Self.limits.within(deadline)))
      if response.status < 400 { return response }
    } catch {
      guard error.code == .malformedResponse || error.code == .connectionFailed else { throw error }
    }
    return try await fetcher.fetch(
      FetchRequest(url.description, headers: ["range": "bytes=0-1023"], limits: Self.limits.within(deadline)))
  }
}
