import Fetch
package import Web

/// Detects URLs that are probably not meant for the public.
package enum PrivateAddress {
  static func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }

  /// Returns the reason as a clause that follows the URL in a message, or `nil` if the URL looks public.
  package static func reason(_ url: NormalizedURL) -> String? {
    let labels = url.host.split(separator: ".")
    if isLoopback(url.host) { return "refers to the local machine" }
    if let address = IPAddress(url.host.filter { $0 != "[" && $0 != "]" }) {
      return AddressGuard(allowing: []).allows(address, port: 443) ? nil : "has a private address"
    }
    if labels.count < 2 || privateDomains.contains(labels.last!.lowercased()) {
      return "has a host name of a private network"
    }
    if labels.count > 2, let label = labels.first(where: { privateLabels.contains(String($0)) }) {
      return "looks private: \(label) in its host"
    }
    if let segment = url.segments.first(where: { privateSegments.contains($0.lowercased()) }) {
      return "looks private: \(segment) in its path"
    }
    return hasSecret(url) ? "contains a credential" : nil
  }

  /// Whether the query has a parameter for a credential, such as `token` or `password`.
  static func hasSecret(_ url: NormalizedURL) -> Bool {
    url.query?.split(separator: "&").contains { parameter in
      let halves = parameter.split(separator: "=", maxSplits: 1)
      return halves.count == 2 && secretParameters.contains(halves[0].lowercased())
    } ?? false
  }

  private static let privateDomains: Set<String> = [
    "local", "localhost", "internal", "lan", "intranet", "corp", "home", "localdomain",
  ]
  private static let privateLabels: Set<String> = [
    "staging", "stage", "preview", "intranet", "internal", "admin", "uat", "qa", "preprod",
  ]
  private static let privateSegments: Set<String> = [
    "admin", "wp-admin", "internal", "private", "staging", "intranet", ".git", ".env", "phpmyadmin", "cgi-bin",
    "drafts",
  ]
  private static let secretParameters: Set<String> = [
    "token", "access_token", "auth_token", "api_key", "apikey", "password", "passwd", "secret", "session", "sessionid",
    "sid", "phpsessid", "jsessionid", "signature", "x-amz-signature",
  ]
}
