import Contract
import Cryptography
import FoundationEssentials

/// A webhook endpoint of the operator, from `NOTIFICATION_URL`.
struct Endpoint: Sendable {
  /// Can contain a secret, as the webhook URLs of many services do.
  let url: Secret
  /// The SHA-256 of the URL in hex, which identifies the endpoint in the database.
  let digest: String
  /// The host and port, for logs and for operators who read the database.
  let host: String

  /// - Returns: nil if `url` is not an http or https URL with a host.
  init?(_ url: String) {
    guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else { return nil }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    host = String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    if host.isEmpty { return nil }
    self.url = Secret(url)
    digest = Hex.encode(Digest.sha256(Array(url.utf8)))
  }

  /// The endpoints in `NOTIFICATION_URL`, without duplicates.
  ///
  /// - Throws: `unavailable` with the name of the setting, if one of the URLs is invalid.
  static func all(in environment: Environment) throws(Failure) -> [Endpoint] {
    var endpoints: [Endpoint] = []
    for url in environment.list("NOTIFICATION_URL") {
      guard let endpoint = Endpoint(url) else {
        throw Failure(
          .unavailable, "NOTIFICATION_URL must be a comma-separated list of http and https URLs",
          details: ["setting": "NOTIFICATION_URL"])
      }
      if !endpoints.contains(where: { $0.digest == endpoint.digest }) { endpoints.append(endpoint) }
    }
    return endpoints
  }
}
