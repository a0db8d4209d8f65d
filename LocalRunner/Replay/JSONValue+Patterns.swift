package import Contract
import FoundationEssentials
package import JSONValues

extension JSONValue {
  /// A response as JSON. A body of type `application/json` becomes a JSON value, so that differences can be reported
  /// field by field; any other body becomes a string.
  package init(_ response: Response) {
    let text = String(decoding: response.bytes, as: UTF8.self)
    let isJSON = response.headers["content-type"]?.hasPrefix("application/json") ?? false
    let body = isJSON ? (try? JSON.decode(JSONValue.self, from: response.bytes)) ?? .string(text) : .string(text)
    self = [
      "statusCode": .number(Double(response.status)), "headers": JSONValue(response.headers), "body": body,
    ]
  }

  /// Replaces ids, times, durations and the addresses of sites by patterns such as `{{uuid}}`.
  ///
  /// - Parameters:
  ///   - sites: the URLs of the sample sites, which end with a slash, by names such as `site` and `site:shop`.
  ///   - key: the name of the member that contains this value.
  func generalized(sites: [String: String], key: String = "") -> JSONValue {
    switch self {
    case .string(let text):
      if UUID(uuidString: text) != nil { return "{{uuid}}" }
      if ["createdAt", "resetsAt", "time"].contains(key) { return "{{time}}" }
      if ["month", "ratelimit-reset"].contains(key) { return "{{text}}" }
      return .string(sites.reduce(text) { $0.replacing($1.value.dropLast(), with: "{{\($1.key)}}") })
    case .number where ["milliseconds", "bytes"].contains(key): return "{{number}}"
    case .array(let values): return .array(values.map { $0.generalized(sites: sites, key: key) })
    case .object(let values):
      return .object(Dictionary(uniqueKeysWithValues: values.map { ($0, $1.generalized(sites: sites, key: $0)) }))
    default: return self
    }
  }

  /// Keeps the patterns of an older file. They may have names, as in `{{uuid:report}}`, which generated patterns lack.
  ///
  /// - Parameter old: the value at the same place in the older file.
  func keepingPatterns(of old: JSONValue?) -> JSONValue {
    switch (self, old) {
    case (.string(let text), .string(let name))
    where text.hasPrefix("{{") && name.hasPrefix("{{") && name.hasSuffix("}}"): .string(name)
    case (.object(let values), .object(let names)):
      .object(Dictionary(uniqueKeysWithValues: values.map { ($0, $1.keepingPatterns(of: names[$0])) }))
    case (.array(let values), .array(let names)):
      .array(values.enumerated().map { $1.keepingPatterns(of: $0 < names.count ? names[$0] : nil) })
    default: self
    }
  }
}
