/// Parses the links of an HTTP `Link` header (RFC 8288, section 3).
package struct LinkHeader: Sendable {
  package struct Link: Sendable, Equatable {
    package let reference: String
    /// The parameters; names are in lower case.
    package let parameters: [String: String]

    /// Relation types, in lower case.
    package var relations: [Substring] { parameters["rel"]?.lowercased().split(separator: " ") ?? [] }
  }

  package private(set) var links: [Link] = []

  /// Further links are ignored.
  private static let maximumLinks = 200

  /// - Parameter value: the header value; several headers are joined by commas. Parsing stops at a syntax error.
  package init(_ value: String) {
    var rest = Array(value.utf8)[...]
    while links.count < Self.maximumLinks, let open = rest.firstIndex(of: UInt8(ascii: "<")),
      let close = rest[open...].firstIndex(of: UInt8(ascii: ">"))
    {
      let reference = String(decoding: rest[(open + 1)..<close], as: UTF8.self)
      rest = rest[(close + 1)...]
      links.append(Link(reference: reference, parameters: Self.parameters(&rest)))
    }
  }

  /// Parses `; name=value` pairs up to the comma that ends the link.
  private static func parameters(_ rest: inout ArraySlice<UInt8>) -> [String: String] {
    var parameters: [String: String] = [:]
    while let sign = rest.first(where: { $0 > 0x20 }), sign == UInt8(ascii: ";") {
      rest = rest[(rest.firstIndex(of: sign)! + 1)...]
      let name = rest.prefix { !";,=".utf8.contains($0) }
      rest = rest[name.endIndex...]
      var value: [UInt8] = []
      if rest.first == UInt8(ascii: "=") {
        rest = rest.dropFirst().drop { $0 <= 0x20 }
        if rest.first == UInt8(ascii: "\"") {
          rest.removeFirst()
          while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
              value.append(escaped)
            } else {
              value.append(byte)
            }
          }
        } else {
          value = Array(rest.prefix { !";,".utf8.contains($0) })
          rest = rest.dropFirst(value.count)
        }
      }
      let key = String(decoding: name, as: UTF8.self).folded.lowercased()
      // If a name occurs twice, the first one counts (section 3.3).
      if parameters[key] == nil { parameters[key] = String(decoding: value, as: UTF8.self).folded }
    }
    return parameters
  }
}
