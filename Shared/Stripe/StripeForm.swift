/// A form body in Stripe's format: `application/x-www-form-urlencoded`, with nested fields such as `metadata[account]`
/// (docs.stripe.com/api, "Metadata", "Expanding").
package struct StripeForm: Sendable, Equatable {
  package private(set) var fields: [(name: String, value: String)] = []

  package init() {}

  /// Adds a field, unless the value is nil.
  package mutating func add(_ name: String, _ value: String?) {
    if let value { fields.append((name, value)) }
  }

  /// Adds `name[key]` for every key in sorted order, so that a retried request has the same body.
  package mutating func add(_ name: String, _ values: [String: String]) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { add("\(name)[\(key)]", value) }
  }

  /// The encoded text. Brackets are not escaped, as in Stripe's own libraries.
  package var text: String {
    fields.map { "\(Self.encode($0.name, leaving: "[]"))=\(Self.encode($0.value))" }.joined(separator: "&")
  }

  package static func == (a: StripeForm, b: StripeForm) -> Bool { a.fields.elementsEqual(b.fields, by: ==) }

  /// Encodes a name or value (URL standard, section 5.2): escapes all characters except letters, digits and `*-._`, and
  /// writes a space as a plus sign.
  private static func encode(_ text: String, leaving others: String = "") -> String {
    let plain = Set("*-._".utf8).union(others.utf8)
    return escape(text, space: "+") { plain.contains($0) }
  }

  /// Percent-encodes one segment of a path (RFC 3986, section 3.3).
  static func encodeSegment(_ text: String) -> String {
    let plain = Set("-._~".utf8)
    return escape(text, space: "%20") { plain.contains($0) }
  }

  private static func escape(_ text: String, space: String, isPlain: (UInt8) -> Bool) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: " "): result += space
      case _ where isPlain(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
