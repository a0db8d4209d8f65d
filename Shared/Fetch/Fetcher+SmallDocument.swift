extension Fetcher {
  /// Fetches what is a few kilobytes and a few seconds away, at an address that the operator named, such as a key set.
  ///
  /// - Throws: ``FetchError``, also for a status that is not from 200 to 299.
  package func smallDocument(at url: String) async throws -> [UInt8] {
    let limits = FetchLimits(bytes: (64 << 10) + 1, duration: .seconds(5), connectDuration: .seconds(3))
    let response = try await fetch(
      FetchRequest(url, kind: .configured, headers: ["accept": "application/json"], limits: limits))
    guard (200...299).contains(response.status) else {
      throw FetchError(.malformedResponse, "status \(response.status)")
    }
    return response.body
  }
}
