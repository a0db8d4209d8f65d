/// A JSON value of any shape.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
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

  /// Encodes the value. A whole number is written without a fraction.
  package func encode(to encoder: any Encoder) throws {
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
}

// MARK: Access

extension JSONValue {
  package init(_ value: Int?) { self = value.map { .number(Double($0)) } ?? .null }
  package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
  package init(_ value: [String: String]) { self = .object(value.mapValues { .string($0) }) }

  /// The string, or nil if the value is not a string.
  package var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, or nil if the value is not a whole number.
  package var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  package var isTrue: Bool { self == .bool(true) }
  /// The elements of an array; empty if the value is not an array.
  package var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }

  /// A member of an object. Reading a missing member returns null; writing to a value that is not an object does
  /// nothing.
  package subscript(key: String) -> JSONValue {
    get { if case .object(let members) = self { members[key] ?? .null } else { .null } }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }
}
