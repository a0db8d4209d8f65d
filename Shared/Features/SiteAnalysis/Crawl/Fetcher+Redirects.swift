package import Contract
package import Fetch
package import Web

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
  /// - Parameters:
  ///   - known: where no redirect is followed to.
  ///   - onBody: takes the file piece by piece, with where it came from, and says whether to go on.
  /// - Returns: the response and where it came from; nil where the redirects do not end, or lead to no URL or a known
  ///   one.
  package func fetchFollowingRedirects(
    _ start: NormalizedURL, limits: FetchLimits, by deadline: Deadline, except known: Set<NormalizedURL> = [],
    onBody: (@Sendable (NormalizedURL, [UInt8]) -> Bool)? = nil
  ) async throws(FetchError) -> (response: FetchResponse, url: NormalizedURL)? {
    var url = start
    for _ in 0...5 {
      let source = url
      var sink: FetchRequest.BodySink?
      if let onBody { sink = { onBody(source, $0) } }
      let response = try await fetch(FetchRequest(url.description, limits: limits.within(deadline), onBody: sink))
      guard (300..<400).contains(response.status) else { return (response, url) }
      guard let location = response.headers["location"], let target = try? NormalizedURL(location, relativeTo: url),
        !known.contains(target)
      else { return nil }
      url = target
    }
    return nil
  }
}
