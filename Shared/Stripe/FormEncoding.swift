/// `application/x-www-form-urlencoded` as Stripe reads it (docs.stripe.com/api, "Requests"): nested names in brackets.
enum FormEncoding {
  static func encode(_ fields: [(name: String, value: String)]) -> [UInt8] {
    Array(fields.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&").utf8)
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e, 0x5b, 0x5d: String(UnicodeScalar(byte))
      default: "%" + String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
