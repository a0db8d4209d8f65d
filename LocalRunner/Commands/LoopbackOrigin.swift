import Fetch
import Web

/// What `llms` and `inspect` open to the fetcher: the origin on this machine that somebody typed, and only that.
enum LoopbackOrigin {
  /// Networks in the notation of `FETCH_ALLOW_NETWORKS`; nil for a host that is not this machine.
  static func network(of url: NormalizedURL) -> String? {
    let port = url.port ?? url.scheme.port
    if url.host == "localhost" { return "127.0.0.1/32:\(port),::1/128:\(port)" }
    if url.host == "[::1]" { return "::1/128:\(port)" }
    guard url.host.hasPrefix("127."), let address = IPAddress(url.host), address.bytes.count == 4 else { return nil }
    return "\(url.host)/32:\(port)"
  }
}
