/// An email address in lower case, so that every spelling leads to the same account.
package struct Email: Sendable, Hashable, Decodable {
  package let address: String

  /// - Returns: nil unless the text has exactly one `@`, a local part, a domain with a dot, at most 254 bytes, and no
  ///   white space or control characters.
  package init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, text.utf8.count <= 254,
      parts[1].split(separator: ".", omittingEmptySubsequences: false).count > 1,
      parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }),
      text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && !$0.properties.isWhitespace })
    else { return nil }
    address = text.lowercased()
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let email = Email(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an email address such as name@example.com")
    }
    self = email
  }
}
