import Contract
import Fetch
import Web

/// What holds for every site that a file links, each asked for once: its robots.txt, and what it answers where there is
/// nothing.
actor RobotsCache {
  private let reader: RobotsReader
  private var verdicts: [String: Verdict] = [:]
  private var answers: [String: SoftNotFound] = [:]

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

  /// Finds out how the URL's site says that a page is not there, by asking for one that nobody made.
  func learnNotFound(of url: NormalizedURL, _ loader: PageLoader) async {
    answers[url.origin] = .byName
    answers[url.origin] = await SoftNotFound.probing(url.root, with: loader)
  }

  /// How the URL's site says that a page is not there; where that was not found out, the names of such pages tell.
  func notFound(for url: NormalizedURL) -> SoftNotFound { answers[url.origin] ?? .byName }

  /// The file, where it could be read or there is none.
  func file(for url: NormalizedURL) async -> RobotsFile? {
    if case .rules(let file) = await verdict(for: url) { file } else { nil }
  }
}
