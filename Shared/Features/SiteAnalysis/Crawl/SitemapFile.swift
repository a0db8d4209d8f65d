import Contract
import Fetch
import Synchronization
import Web

/// One file of a sitemap on its way: parsed as it arrives, and given on at once.
final class SitemapFile: Sendable {
  /// What became of it.
  struct Summary: Sendable {
    let url: NormalizedURL
    /// Where its redirects led; nil where there was no answer.
    let found: NormalizedURL?
    /// nil where it is no sitemap.
    let kind: Sitemap.Kind?
    /// What it lists that is a URL.
    let entries: Int
    /// How many of them are pages that were looked for.
    let wanted: Int
    /// The files that an index names.
    let children: [NormalizedURL]
    /// Why it was not read, or not to its end.
    let problem: String?
  }

  private struct State {
    var parser = SitemapParser()
    /// What locations are relative to: where the file was found.
    var base: NormalizedURL
    var entries = 0
    var wanted = 0
    var children: [NormalizedURL] = []
  }

  private let url: NormalizedURL
  private let give: @Sendable (NormalizedURL, String?, Int) -> Bool
  private let state: Mutex<State>

  /// The files that are taken of one index; the protocol's limit is 50,000.
  private static let maximumChildren = 50_000

  /// - Parameter give: takes a page, when it was changed and its place in the file, and says whether it was looked for.
  init(_ url: NormalizedURL, _ give: @escaping @Sendable (NormalizedURL, String?, Int) -> Bool) {
    self.url = url
    self.give = give
    state = Mutex(State(base: url))
  }

  func read(_ fetcher: Fetcher, by deadline: Deadline, except known: Set<NormalizedURL>) async -> Summary {
    var found: NormalizedURL?
    var problem: String?
    do {
      let answer = try await fetcher.fetchFollowingRedirects(url, limits: .sitemap, by: deadline, except: known) {
        [self] source, piece in
        take(piece, from: source)
      }
      if let (response, source) = answer {
        found = source
        if response.status == 200 {
          if !response.body.isEmpty { _ = take(response.body, from: source) }
        } else {
          problem = "http_\(response.status)"
        }
      } else {
        problem = "redirect"
      }
    } catch {
      // What came before it broke off counts.
      problem = error.code.rawValue
    }
    return state.withLock { state in
      state.parser.finish { give($0, &state) }
      return Summary(
        url: url, found: found, kind: state.parser.kind, entries: state.entries, wanted: state.wanted,
        children: state.children, problem: problem)
    }
  }

  /// - Returns: whether more of it is wanted.
  private func take(_ piece: [UInt8], from source: NormalizedURL) -> Bool {
    state.withLock { state in
      state.base = source
      state.parser.read(piece) { give($0, &state) }
      return !state.parser.isDone
    }
  }

  private func give(_ entries: [Sitemap.Entry], _ state: inout State) {
    let isIndex = state.parser.kind == .index
    for entry in entries {
      guard let target = try? NormalizedURL(entry.location, relativeTo: state.base) else { continue }
      state.entries += 1
      if !isIndex {
        if give(target, entry.lastModified, state.entries) { state.wanted += 1 }
      } else if state.children.count < Self.maximumChildren {
        state.children.append(target)
      }
    }
  }
}
