package import Fetch

extension Fetcher {
  /// The live fetcher: libcurl's multi interface on a thread of its own, which starts with the first fetch.
  ///
  /// Connections are kept alive and shared, HTTP/2 is used where offered, and gzip, brotli and zstd are unpacked.
  /// Proxies of the environment are not used: they would dial in our place, past the guard.
  package static func curl(guard addressGuard: AddressGuard, userAgent: String) -> Fetcher {
    let loop = CurlLoop(addressGuard: addressGuard, userAgent: userAgent)
    return Fetcher { request throws(FetchError) in try await loop.fetch(request) }
  }
}
