package import Fetch

extension Fetcher {
  /// The live fetcher: libcurl's multi interface on threads of its own, which start with their first fetch.
  ///
  /// Connections are kept alive and shared, HTTP/2 is used where offered, and gzip, brotli and zstd are unpacked.
  /// Proxies of the environment are not used: they would dial in our place, past the guard.
  ///
  /// - Parameter authorities: a file of the certificates that are trusted, in PEM; the system's where nil.
  package static func curl(guard addressGuard: AddressGuard, userAgent: String, authorities: String? = nil) -> Fetcher {
    // Two loops, because a connection that a configured fetch left open would be used by a crawl without asking the
    // guard.
    let crawls = CurlLoop(addressGuard: addressGuard, userAgent: userAgent, authorities: authorities)
    let configured = CurlLoop(addressGuard: addressGuard, userAgent: userAgent, authorities: authorities)
    return Fetcher { request throws(FetchError) in
      try await (request.kind == .crawl ? crawls : configured).fetch(request)
    }
  }
}
