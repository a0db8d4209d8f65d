import Fetch
import Synchronization
import Web

/// Fetches one sitemap and parses it while it arrives.
final class SitemapFile: Sendable {
  /// The result of the fetch.
  struct Summary: Sendable {
    let url: NormalizedURL
    /// The URL after redirects; nil without a response.
    let found: NormalizedURL?
    /// nil if the file is not a sitemap.
    let kind: Sitemap.Kind?
    /// The number of valid URLs in it.
    let entries: Int
    /// The number of pages that the receiver wants.
    let wanted: Int
    /// The sitemaps that an index names.
    let children: [NormalizedURL]
    /// Why the file was not read, or not to its end.
    let problem: SkipReason?
  }

  /// Receives a page, its modification date and its position in the file; returns whether the page is wanted.
  typealias Receiver = @Sendable (NormalizedURL, String?, Int) -> Bool

  private struct State {
    var parser = SitemapParser()
    /// The URL after redirects, against which locations are resolved.
    var base: NormalizedURL
    /// Whether a part of the file has arrived.
    var hasBegun = false
    var entries = 0
    var wanted = 0
    var children: [NormalizedURL] = []
  }

  private let url: NormalizedURL
  private let receive: Receiver
  private let state: Mutex<State>

  /// The most files that are taken from one index; this is the limit of the protocol.
  private static let maximumChildren = 50_000

  init(_ url: NormalizedURL, _ receive: @escaping Receiver) {
    self.url = url
    self.receive = receive
    state = Mutex(State(base: url))
  }

  /// - Parameters:
  ///   - known: files that were fetched already; a redirect to one of them is not followed.
  ///   - patience: the time after which the request is cancelled if no part of the file has arrived; nil if only the
  ///     limits of the request apply.
  func read(_ client: SiteClient, except known: Set<NormalizedURL>, patience: Duration? = nil) async -> Summary {
    guard let patience else { return await read(client, except: known) }
    return await withTaskGroup(of: Summary?.self) { group in
      group.addTask { await self.read(client, except: known) }
      group.addTask {
        try? await Task.sleep(for: patience)
        return nil
      }
      while let finished = await group.next() {
        if finished != nil || !state.withLock(\.hasBegun) { group.cancelAll() }
        if let finished { return finished }
      }
      preconditionFailure("the first task returns a summary")
    }
  }

  private func read(_ client: SiteClient, except known: Set<NormalizedURL>) async -> Summary {
    var found: NormalizedURL?
    var problem: SkipReason?
    // The caller has asked robots.txt about guessed URLs; a sitemap that robots.txt names is allowed.
    var policy = RequestPolicy(limits: .sitemap, robots: .never, pace: .firstRequest)
    policy.onBody = { [self] source, piece in take(piece, from: source) }
    do {
      switch try await client.get(url, policy, except: known) {
      case .response(let response, let source):
        found = source
        if response.status == 200 {
          if !response.body.isEmpty { _ = take(response.body, from: source) }
        } else {
          problem = .http(response.status)
        }
      case .skipped, .robotsUnavailable: problem = .redirect
      }
    } catch {
      // The entries that arrived before the error count.
      problem = .fetch(error.code == .cancelled ? .timedOut : error.code)
    }
    return state.withLock { state in
      state.parser.finish { receive($0, &state) }
      return Summary(
        url: url, found: found, kind: state.parser.kind, entries: state.entries, wanted: state.wanted,
        children: state.children, problem: problem)
    }
  }

  /// Parses a piece of the file.
  ///
  /// - Returns: whether the parser needs more.
  private func take(_ piece: [UInt8], from source: NormalizedURL) -> Bool {
    state.withLock { state in
      state.base = source
      state.hasBegun = true
      state.parser.parse(piece) { receive($0, &state) }
      return !state.parser.isDone
    }
  }

  private func receive(_ entries: [Sitemap.Entry], _ state: inout State) {
    let isIndex = state.parser.kind == .index
    for entry in entries {
      guard let target = try? NormalizedURL(entry.location, relativeTo: state.base) else { continue }
      state.entries += 1
      if !isIndex {
        if receive(target, entry.lastModified, state.entries) { state.wanted += 1 }
      } else if state.children.count < Self.maximumChildren {
        state.children.append(target)
      }
    }
  }
}
