#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An IPv4 or IPv6 address.
package struct IPAddress: Sendable, Hashable {
  /// 4 bytes for IPv4 or 16 for IPv6, in network order.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16)
    self.bytes = bytes
  }

  /// Parses dotted decimal IPv4 or the text form of IPv6 (RFC 4291, section 2.2).
  ///
  /// - Returns: nil for anything else, such as a host name, `127.1` or an address with a zone id.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // inet_pton would stop at a NUL byte.
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

  /// The IPv4 address in an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`), or the address itself if it is not mapped.
  package var unmapped: IPAddress {
    let isMapped =
      bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
    return isMapped ? IPAddress(bytes: Array(bytes[12...])) : self
  }

  /// The IPv4 address in an ISATAP interface identifier, which begins with 0:5efe or 200:5efe (RFC 5214, section 6.1),
  /// or nil if there is none. A router may forward packets to that IPv4 address.
  package var isatapIPv4: IPAddress? {
    guard bytes.count == 16, bytes[8] & 0xfd == 0, bytes[9...11].elementsEqual([0x00, 0x5e, 0xfe]) else { return nil }
    return IPAddress(bytes: Array(bytes[12...]))
  }
}
