#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An IPv4 or IPv6 address, as its bytes in network order.
package struct IPAddress: Sendable, Hashable {
  /// 4 or 16.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16)
    self.bytes = bytes
  }

  /// Reads dotted decimal or RFC 4291's text, nothing else.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // C would stop reading at a NUL.
    guard !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self.bytes = Array(bytes[..<4])
    } else if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// An IPv4 address that a dual-stack socket writes as IPv6 (`::ffff:a.b.c.d`) as what it is; any other unchanged.
  package var unmapped: IPAddress {
    let isMapped =
      bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
    return isMapped ? IPAddress(bytes: Array(bytes[12...])) : self
  }

  /// The IPv4 address that the interface's half of an IPv6 one carries: one named 0:5efe or 200:5efe (ISATAP, RFC 5214,
  /// section 6.1), which a router may take out and dial.
  package var tunnelledIPv4: IPAddress? {
    guard bytes.count == 16, bytes[8] & 0xfd == 0, bytes[9...11].elementsEqual([0x00, 0x5e, 0xfe]) else { return nil }
    return IPAddress(bytes: Array(bytes[12...]))
  }
}
