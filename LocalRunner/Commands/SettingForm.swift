import Contract
import Fetch
import FoundationEssentials

/// The forms of values that several settings share.
enum SettingForm {
  static let networks = Setting.Check.form("networks such as 10.0.0.0/8, separated by commas") {
    list($0).allSatisfy { IPNetwork($0) != nil }
  }

  /// The items of a value that is a list.
  static func list(_ text: String) -> [String] { Environment(["value": text]).list("value") }

  static func isURL(_ text: String) -> Bool {
    guard let url = URL(string: text), let host = url.host(), !host.isEmpty else { return false }
    return url.scheme == "https" || url.scheme == "http"
  }

  /// Whether the text has the form of an `Origin` header (RFC 6454, section 6.2).
  static func isOrigin(_ text: String) -> Bool {
    isURL(text) && text.split(separator: "/", omittingEmptySubsequences: false).count == 3
      && !text.contains { "?#@".contains($0) }
  }

  /// Whether the text is a signing secret of Standard Webhooks (standardwebhooks.com).
  static func isStandardWebhookSecret(_ text: String) -> Bool {
    text.hasPrefix("whsec_") && !(Data(base64Encoded: String(text.dropFirst(6))) ?? Data()).isEmpty
  }
}
