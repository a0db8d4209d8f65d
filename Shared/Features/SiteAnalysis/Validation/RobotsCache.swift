import Contract
import Fetch
import Web

/// The robots.txt of every site that a file links, each read once.
actor RobotsCache {
  private let reader: RobotsReader
  private var verdicts: [String: Verdict] = [:]

  enum Verdict: Sendable {
    case rules(RobotsFile)
    /// It answers that it cannot say, which means that nothing may be read.
    case unreachable
    /// The site does not answer at all.
    case failed(FetchError.Code)
  }

  init(fetcher: Fetcher, deadline: Deadline) { reader = RobotsReader(fetcher: fetcher, deadline: deadline) }

  /// What holds for the URL's site.
  func verdict(for url: NormalizedURL) async -> Verdict {
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

  /// The file, where it could be read or there is none.
  func file(for url: NormalizedURL) async -> RobotsFile? {
    if case .rules(let file) = await verdict(for: url) { file } else { nil }
  }
}
