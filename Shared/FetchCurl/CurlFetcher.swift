package import Fetch

extension Fetcher {
  /// Creates the production fetcher, which runs libcurl's multi interface on its own threads.
  ///
  /// A thread starts with the first fetch. Connections are kept alive and shared, HTTP/2 is used if the server offers
  /// it, and gzip, brotli and zstd are decompressed. Proxy environment variables are ignored, because a proxy would
  /// connect for us and bypass the address guard.
  ///
  /// - Parameters:
  ///   - addressGuard: checks every address that a crawl connects to.
  ///   - userAgent: the `User-Agent` header.
  ///   - certificateAuthorities: the path of a PEM file with the trusted certificates; nil uses the system's.
  package static func curl(guard addressGuard: AddressGuard, userAgent: String, certificateAuthorities: String? = nil)
    -> Fetcher
  {
    // Two loops, because a crawl could otherwise reuse an open connection of a configured fetch, which the guard has
    // not checked.
    let crawls = CurlLoop(
      addressGuard: addressGuard, userAgent: userAgent, certificateAuthorities: certificateAuthorities)
    let configured = CurlLoop(
      addressGuard: addressGuard, userAgent: userAgent, certificateAuthorities: certificateAuthorities)
    return Fetcher { request throws(FetchError) in
      try await (request.kind == .crawl ? crawls : configured).fetch(request)
    }
  }
}
