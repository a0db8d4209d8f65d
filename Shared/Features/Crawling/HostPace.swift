import Contract
import Fetch
import FoundationEssentials
import Synchronization

/// Spaces out the requests to one host: it keeps the pause that robots.txt or a `Retry-After` header asks for.
///
/// All requests of a crawl share one instance.
package final class HostPace: Sendable {
  private struct State {
    var interval: Duration
    /// The earliest time of the next request.
    var next: ContinuousClock.Instant
  }

  private let state: Mutex<State>

  /// - Parameter interval: the pause between requests. The first request waits for it too, because robots.txt was
  ///   requested just before.
  package init(interval: Duration = .zero) {
    state = Mutex(State(interval: interval, next: .now.advanced(by: interval)))
  }

  package var interval: Duration { state.withLock { $0.interval } }

  /// Waits until the next request may be sent, or until the deadline.
  func waitForTurn(by deadline: Deadline) async {
    let wait = state.withLock { state in
      let now = ContinuousClock.now
      let due = max(now, state.next)
      if state.interval > .zero { state.next = due.advanced(by: state.interval) }
      return now.duration(to: due)
    }
    if wait > .zero { try? await Task.sleep(for: min(wait, deadline.remaining)) }
  }

  /// The number of times that a refused request is sent again.
  static let maximumRetries = 2
  /// The longest `Retry-After` that is waited for.
  private static let longestPause = Duration.seconds(10)

  /// Delays the next requests if a server asks for a pause, and doubles the interval between requests from then on.
  ///
  /// The interval grows from 100 ms to one second at most.
  ///
  /// - Returns: whether to send the request again; false if the server names no pause, or one of more than ten seconds or
  ///   beyond the deadline.
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

  /// The value of `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
  private static func pause(_ response: FetchResponse) -> Duration? {
    guard let text = response.headers["retry-after"] else { return nil }
    if let seconds = Int(text) { return seconds < 0 ? nil : .seconds(min(seconds, 1_000_000)) }
    let now = response.headers["date"].flatMap(HTTPDate.parse) ?? Date()
    return HTTPDate.parse(text).map { .seconds(max(0, $0.timeIntervalSince(now))) }
  }
}
