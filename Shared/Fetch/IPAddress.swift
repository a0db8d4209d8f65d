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
    let isMapped = bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
    return isMapped ? IPAddress(bytes: Array(bytes[12...])) : self
  }

  /// The IPv4 address that an IPv6 one carries: mapped, compatible, translated (NAT64), 6to4 or ISATAP.
  ///
  /// Whoever checks an address must check the one inside, too: dialling the outer may reach the inner.
  package var embeddedIPv4: IPAddress? {
    guard bytes.count == 16 else { return nil }
    let zeros = bytes.prefix { $0 == 0 }.count
    // ::ffff:a.b.c.d, ::ffff:0:a.b.c.d and ::a.b.c.d (RFC 4291, 2.5.5; RFC 2765, 2.1).
    if zeros >= 10, bytes[10] == 0xff, bytes[11] == 0xff { return IPAddress(bytes: Array(bytes[12...])) }
    if zeros >= 8, bytes[8] == 0xff, bytes[9] == 0xff, bytes[10] == 0, bytes[11] == 0 { return IPAddress(bytes: Array(bytes[12...])) }
    if zeros >= 12 { return IPAddress(bytes: Array(bytes[12...])) }
    // 64:ff9b::/96 and 64:ff9b:1::/48 (RFC 6052; RFC 8215), 2002::/16 (RFC 3056).
    if bytes.starts(with: [0x00, 0x64, 0xff, 0x9b]) { return IPAddress(bytes: Array(bytes[12...])) }
    if bytes.starts(with: [0x20, 0x02]) { return IPAddress(bytes: Array(bytes[2..<6])) }
    // An interface named 0:5efe or 200:5efe (ISATAP, RFC 5214, section 6.1).
    if bytes[8] & 0xfd == 0, bytes[9...11].elementsEqual([0x00, 0x5e, 0xfe]) { return IPAddress(bytes: Array(bytes[12...])) }
    return nil
  }
}

/// A block of addresses, such as `10.0.0.0/8`, and optionally one port of it: `127.0.0.1/32:8080`.
package struct IPNetwork: Sendable, Hashable {
  private let address: IPAddress
  private let prefixLength: Int
  private let port: UInt16?

  /// Reads CIDR notation, or one address alone.
  package init?(_ text: some StringProtocol) {
    let halves = String(text).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(halves[0]) else { return nil }
    self.address = address
    let width = address.bytes.count * 8
    guard halves.count == 2 else {
      prefixLength = width
      port = nil
      return
    }
    let tail = halves[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    // Swift's numbers may have a sign; these may not.
    guard !halves[1].contains("+"), let length = Int(tail[0]), (0...width).contains(length) else { return nil }
    prefixLength = length
    if tail.count == 2 {
      guard let number = UInt16(tail[1]), number > 0 else { return nil }
      port = number
    } else {
      port = nil
    }
  }

  package func contains(_ other: IPAddress, port otherPort: UInt16) -> Bool {
    guard other.bytes.count == address.bytes.count, port == nil || port == otherPort else { return false }
    for index in 0..<prefixLength {
      let mask = UInt8(0x80) >> UInt8(index % 8)
      if (address.bytes[index / 8] ^ other.bytes[index / 8]) & mask != 0 { return false }
    }
    return true
  }
}
