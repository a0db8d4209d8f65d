import Contract
import FoundationEssentials

/// Any JSON, for comparing.
enum JSONValue: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value):
      if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// A response with its body as JSON where it is JSON, so that a difference can be named.
  init(_ response: Response) {
    let text = String(decoding: response.body, as: UTF8.self)
    let isJSON = response.headers["content-type"]?.hasPrefix("application/json") ?? false
    let body = isJSON ? (try? JSON.decode(JSONValue.self, from: response.body)) ?? .string(text) : .string(text)
    self = .object([
      "statusCode": .number(Double(response.status)), "headers": .object(response.headers.mapValues { .string($0) }),
      "body": body,
    ])
  }

  /// The pattern with the patterns that an older one had at the same places, for those may name what they stand for.
  func named(as old: JSONValue?) -> JSONValue {
    switch (self, old) {
    case (.string(let text), .string(let name))
    where text.hasPrefix("{{") && name.hasPrefix("{{") && name.hasSuffix("}}"): .string(name)
    case (.object(let values), .object(let names)):
      .object(Dictionary(uniqueKeysWithValues: values.map { ($0, $1.named(as: names[$0])) }))
    case (.array(let values), .array(let names)):
      .array(values.enumerated().map { $1.named(as: $0 < names.count ? names[$0] : nil) })
    default: self
    }
  }

  /// The value as a pattern: ids, times and durations give way to what stands for any of them.
  func generalized(site: String, key: String = "") -> JSONValue {
    switch self {
    case .string(let text):
      if UUID(uuidString: text) != nil { return .string("{{uuid}}") }
      if ["createdAt", "resetsAt", "time"].contains(key) { return .string("{{time}}") }
      if ["month", "ratelimit-reset"].contains(key) { return .string("{{text}}") }
      return .string(text.replacing(site.dropLast(), with: "{{site}}"))
    case .number where ["milliseconds", "bytes"].contains(key): return .string("{{number}}")
    case .array(let values): return .array(values.map { $0.generalized(site: site, key: key) })
    case .object(let values):
      return .object(Dictionary(uniqueKeysWithValues: values.map { ($0, $1.generalized(site: site, key: $0)) }))
    default: return self
    }
  }
}
