extension Fetcher {
  /// Fetches a small JSON document from a URL that the operator configured, such as a key set.
  ///
  /// The document may have up to 64 KiB and take up to 5 seconds. A larger one is cut at one byte more, so that the
  /// caller can detect it.
  ///
  /// - Throws: ``FetchError``, also if the status is not from 200 to 299.
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
