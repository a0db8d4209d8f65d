import Fetch

extension Fetcher {
  /// Fetches the key set that the operator named: a few kilobytes, in few seconds.
  var keySet: @Sendable (_ url: String) async throws -> [UInt8] {
    { [self] url in
      let limits = FetchLimits(bytes: (64 << 10) + 1, duration: .seconds(5), connectDuration: .seconds(3))
      let response = try await fetch(FetchRequest(url, kind: .configured, headers: ["accept": "application/json"], limits: limits))
      guard (200...299).contains(response.status) else { throw FetchError(.malformedResponse, "status \(response.status)") }
      return response.body
    }
  }
}
