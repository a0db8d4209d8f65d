extension StringProtocol {
  /// The text with its percent escapes decoded (RFC 3986, section 2.1); nil if an escape is broken or the result is not
  /// UTF-8.
  package var percentDecoded: String? {
    guard let bytes = decodedBytes(except: nil, keepsBrokenEscapes: false) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text with its percent escapes decoded; broken escapes and those of one byte are kept, and invalid UTF-8 is
  /// repaired.
  package func percentDecoded(except byte: UInt8) -> String {
    String(decoding: decodedBytes(except: byte, keepsBrokenEscapes: true) ?? [], as: UTF8.self)
  }

  private func decodedBytes(except kept: UInt8?, keepsBrokenEscapes: Bool) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      let value = digits.count == 2 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
      if let value, value != kept {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else if value == nil, !keepsBrokenEscapes {
        return nil
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}
