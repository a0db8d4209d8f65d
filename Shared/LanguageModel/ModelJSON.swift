/// A JSON value (RFC 8259).
package enum ModelJSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A whole number that fits into `Int`, written with or without a zero fraction.
  case integer(Int)
  /// Any other number; always finite after parsing.
  case number(Double)
  case string(String)
  case array([ModelJSON])
  case object([String: ModelJSON])

  /// A member of an object. Nil if it is missing or null, or if this value is not an object.
  subscript(_ name: String) -> ModelJSON? {
    guard case .object(let members) = self, let member = members[name], member != .null else { return nil }
    return member
  }

  /// All strings in this value and the values nested in it, without the names of members.
  var strings: [String] {
    switch self {
    case .string(let text): [text]
    case .array(let items): items.flatMap(\.strings)
    case .object(let members): members.values.flatMap(\.strings)
    default: []
    }
  }

  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  var integer: Int? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  var array: [ModelJSON]? {
    guard case .array(let items) = self else { return nil }
    return items
  }

  /// The canonical JSON text: without whitespace, with sorted keys, so that equal values have equal texts.
  package var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let number): text += String(number)
    // JSON has no NaN or infinity; the parser does not produce them.
    case .number(let number): text += number.isFinite ? Self.digits(number) : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        item.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        Self.write(member.key, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func digits(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1f}": text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension ModelJSON: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
}
