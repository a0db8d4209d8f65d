import Contract
import Fetch
import Web

extension FetchLimits {
  /// These limits, or what is left of the time where that is less.
  func within(_ deadline: Deadline) -> FetchLimits {
    var limits = self
    limits.duration = min(duration, max(.milliseconds(100), deadline.remaining))
    return limits
  }
}

extension Fetcher {
  /// Fetches a file and follows its redirects, five as RFC 9309 asks, wherever they lead.
  ///
  /// - Returns: the response and where it came from; nil where the redirects do not end or lead to no URL.
  func fetchFollowingRedirects(
    _ start: NormalizedURL, limits: FetchLimits, by deadline: Deadline
  ) async throws(FetchError) -> (response: FetchResponse, url: NormalizedURL)? {
    var url = start
    for _ in 0...5 {
      let response = try await fetch(FetchRequest(url.description, limits: limits.within(deadline)))
      guard (300..<400).contains(response.status) else { return (response, url) }
      guard let location = response.headers["location"], let target = try? NormalizedURL(location, relativeTo: url) else { return nil }
      url = target
    }
    return nil
  }
}
