/// Sends HTTP requests. The production implementation uses libcurl; tests use stubs.
package struct Fetcher: Sendable {
  /// Sends one request. Redirects are returned and not followed, so that the caller can check the target first.
  package var fetch: @Sendable (FetchRequest) async throws(FetchError) -> FetchResponse

  package init(fetch: @escaping @Sendable (FetchRequest) async throws(FetchError) -> FetchResponse) {
    self.fetch = fetch
  }
}
