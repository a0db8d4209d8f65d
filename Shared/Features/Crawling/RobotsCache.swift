package import Contract
package import Fetch
package import Web

/// Fetches the robots.txt of each origin once and keeps the result.
package actor RobotsCache {
  private let reader: RobotsReader
  private var verdicts: [String: Verdict] = [:]

  package enum Verdict: Sendable {
    /// The rules; everything is allowed if the site has no robots.txt.
    case rules(RobotsFile)
    /// The site answers that it cannot serve the file, so nothing is allowed.
    case unreachable
    /// The site does not answer.
    case failed(FetchError.Code)
  }

  package init(fetcher: Fetcher, deadline: Deadline) { reader = RobotsReader(fetcher: fetcher, deadline: deadline) }

  /// The rules for the origin of a URL.
  package func verdict(for url: NormalizedURL) async -> Verdict {
    if let known = verdicts[url.origin] { return known }
    let verdict = await read(url)
    verdicts[url.origin] = verdict
    return verdict
  }

  private func read(_ url: NormalizedURL) async -> Verdict {
    do {
      switch try await reader.read(url) {
      case .read(let file): return .rules(file)
      case .absent: return .rules(.allowingAll)
      case .unreachable: return .unreachable
      }
    } catch {
      return .failed(error.code)
    }
  }
}
