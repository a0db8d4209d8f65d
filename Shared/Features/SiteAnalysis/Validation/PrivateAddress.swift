import Fetch
import Web

/// Whether a URL looks as if it were not meant for the public.
enum PrivateAddress {
  static func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }

  /// Why, to be said after the URL; nil where nothing speaks against it.
  static func reason(_ url: NormalizedURL) -> String? {
    let labels = url.host.split(separator: ".")
    if isLoopback(url.host) { return "leads to the reader's own machine" }
    if let address = IPAddress(url.host.filter { $0 != "[" && $0 != "]" }) {
      return AddressGuard(opened: []).allows(address, port: 443) ? nil : "has a private address"
    }
    if labels.count < 2 || privateDomains.contains(labels.last!.lowercased()) {
      return "has a host that only a private network knows"
    }
    if labels.count > 2, let label = labels.first(where: { privateLabels.contains(String($0)) }) {
      return "looks private: \(label) in its host"
    }
    if let segment = url.segments.first(where: { privateSegments.contains($0.lowercased()) }) {
      return "looks private: \(segment) in its path"
    }
    return hasSecret(url) ? "carries a credential" : nil
  }

  /// A parameter that opens something.
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
    "sid", "phpsessid",
    "jsessionid", "signature", "x-amz-signature",
  ]
}
