import Contract
import Cryptography
import FoundationEssentials

/// One place that is told what happened.
struct Endpoint: Sendable {
  /// May hold a secret, as other services' webhooks do.
  let url: Secret
  /// By which rows know it: the SHA-256 of its address, in hex.
  let digest: String
  /// For logs and rows.
  let host: String

  /// - Returns: nil where `url` is no http or https address.
  init?(_ url: String) {
    guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else { return nil }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    host = String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    if host.isEmpty { return nil }
    self.url = Secret(url)
    digest = Hex.encode(Digest.sha256(Array(url.utf8)))
  }

  /// Those of `NOTIFICATION_URL`, each once.
  ///
  /// - Throws: `unavailable`, naming the setting.
  static func all(in environment: Environment) throws(Failure) -> [Endpoint] {
    var endpoints: [Endpoint] = []
    for url in environment.list("NOTIFICATION_URL") {
      guard let endpoint = Endpoint(url) else {
        throw Failure(
          .unavailable, "NOTIFICATION_URL takes http and https URLs, with commas between them",
          details: ["setting": "NOTIFICATION_URL"])
      }
      if !endpoints.contains(where: { $0.digest == endpoint.digest }) { endpoints.append(endpoint) }
    }
    return endpoints
  }
}
