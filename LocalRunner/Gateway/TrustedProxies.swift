import ArgumentParser
import Contract
import Fetch

/// Whose `X-Forwarded-For` is believed: the networks of `TRUSTED_PROXIES`.
struct TrustedProxies: Sendable {
  private let networks: [IPNetwork]

  /// - Throws: `ValidationError`, naming what is no network such as `10.0.0.0/8`.
  init(_ environment: Environment) throws {
    networks = try environment.list("TRUSTED_PROXIES").map { text in
      guard let network = IPNetwork(text) else {
        throw ValidationError("TRUSTED_PROXIES holds \(text), which is no network such as 10.0.0.0/8")
      }
      return network
    }
  }

  /// The client's address: the connection's, or what the nearest proxies that are trusted say of it.
  ///
  /// The header is read from its end, where the proxies wrote, up to the first address that is not a trusted proxy's:
  /// what
  /// stands before that, anybody may have written.
  func client(of connection: String, forwardedFor: String?) -> String {
    guard isTrusted(connection) else { return connection }
    var client = connection
    for hop in (forwardedFor ?? "").split(separator: ",").reversed() {
      guard let address = IPAddress(hop.filter { $0 != " " }) else { break }
      client = hop.filter { $0 != " " }
      if !networks.contains(where: { $0.contains(address.unmapped, port: 0) }) { break }
    }
    return client
  }

  private func isTrusted(_ address: String) -> Bool {
    IPAddress(address).map { address in networks.contains { $0.contains(address.unmapped, port: 0) } } ?? false
  }
}
