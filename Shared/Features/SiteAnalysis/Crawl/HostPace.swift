import Contract
import Fetch
import FoundationEssentials
import Synchronization

/// When a site may be asked next: the pause that its robots.txt wants between requests, or that it asked for when it
/// had too many,
/// for all requests of an analysis together.
final class HostPace: Sendable {
  private struct State {
    var interval: Duration
    /// Before this nobody asks.
    var next: ContinuousClock.Instant
  }

  private let state: Mutex<State>

  /// - Parameter interval: from one request to the next; the first is due after it, for the site was just asked.
  init(interval: Duration = .zero) {
    state = Mutex(State(interval: interval, next: .now.advanced(by: interval)))
  }

  var interval: Duration { state.withLock { $0.interval } }

  /// Waits until it is the caller's turn, or its time is over.
  func turn(by deadline: Deadline) async {
    let wait = state.withLock { state in
      let now = ContinuousClock.now
      let due = max(now, state.next)
      if state.interval > .zero { state.next = due.advanced(by: state.interval) }
      return now.duration(to: due)
    }
    if wait > .zero { try? await Task.sleep(for: min(wait, deadline.remaining)) }
  }

  /// How often a refused request is made again.
  static let patience = 2
  /// The longest pause after a refusal that is waited for.
  private static let longestPause = Duration.seconds(10)

  /// Whether a server that had too much to do is to be asked again, for which it gets the pause that it wants, and from
  /// then on more
  /// time between any two requests.
  func grantsPause(after response: FetchResponse, by deadline: Deadline) -> Bool {
    guard response.status == 429 || response.status == 503, let pause = Self.pause(response),
      pause <= Self.longestPause, pause < deadline.remaining
    else { return false }
    state.withLock { state in
      state.next = max(state.next, .now.advanced(by: pause))
      state.interval = max(state.interval, min(.seconds(1), max(.milliseconds(100), state.interval * 2)))
    }
    return true
  }

  /// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
  private static func pause(_ response: FetchResponse) -> Duration? {
    guard let text = response.headers["retry-after"] else { return nil }
    if let seconds = Int(text) { return seconds < 0 ? nil : .seconds(min(seconds, 1_000_000)) }
    let now = response.headers["date"].flatMap(HTTPDate.read) ?? Date()
    return HTTPDate.read(text).map { .seconds(max(0, $0.timeIntervalSince(now))) }
  }
}
