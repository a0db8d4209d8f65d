package import Contract
import Fetch

/// The networks in `TRUSTED_PROXIES`. The `X-Forwarded-For` header is used only if one of them sent it.
package struct TrustedProxies: Sendable {
  private let networks: [IPNetwork]

  /// - Throws: a failure that quotes an entry that is not a network such as `10.0.0.0/8`.
  package init(_ environment: Environment) throws(Failure) {
    var networks: [IPNetwork] = []
    for text in environment.list("TRUSTED_PROXIES") {
      guard let network = IPNetwork(text) else {
        throw Failure(
          .unavailable, "TRUSTED_PROXIES contains \(text), which is not a network such as 10.0.0.0/8",
          details: ["setting": "TRUSTED_PROXIES"])
      }
      networks.append(network)
    }
    self.networks = networks
  }

  /// The address of the client that sent a request.
  ///
  /// The header is evaluated from its end, because each proxy appends the address that it saw. The result is the first
  /// address that is not a trusted proxy. Addresses before it are ignored, because any client can invent them.
  ///
  /// - Parameters:
  ///   - connection: the address at the other end of the connection.
  ///   - forwardedFor: the value of `X-Forwarded-For`.
  package func client(of connection: String, forwardedFor: String?) -> String {
    guard isTrusted(connection) else { return connection }
    var client = connection
    for hop in (forwardedFor ?? "").split(separator: ",").reversed() {
      let text = hop.filter { $0 != " " }
      guard IPAddress(text) != nil else { break }
      client = text
      if !isTrusted(text) { break }
    }
    return client
  }

  private func isTrusted(_ address: String) -> Bool {
    IPAddress(address).map { address in networks.contains { $0.contains(address.unmapped, port: 0) } } ?? false
  }
}
