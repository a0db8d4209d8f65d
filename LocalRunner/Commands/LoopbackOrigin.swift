import Fetch
import Web

/// Opens the fetcher of `llms` and `inspect` to a URL on this machine that the user typed, and to no other address.
enum LoopbackOrigin {
  /// The networks to add to `FETCH_ALLOW_NETWORKS`.
  ///
  /// - Returns: nil if the URL's host is not this machine.
  static func network(of url: NormalizedURL) -> String? {
    let port = url.port ?? url.scheme.port
    if url.host == "localhost" { return "127.0.0.1/32:\(port),::1/128:\(port)" }
    if url.host == "[::1]" { return "::1/128:\(port)" }
    guard url.host.hasPrefix("127."), let address = IPAddress(url.host), address.bytes.count == 4 else { return nil }
    return "\(url.host)/32:\(port)"
  }
}
