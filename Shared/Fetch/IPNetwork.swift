/// A block of IP addresses in CIDR notation, such as `10.0.0.0/8`, with an optional port: `127.0.0.1/32:8080`.
package struct IPNetwork: Sendable, Hashable {
  private let address: IPAddress
  private let prefixLength: Int
  private let port: UInt16?

  /// Parses CIDR notation, with or without a port, or a single address. Returns nil if the text is malformed.
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
    // Int(_:) accepts a plus sign; CIDR notation does not.
    guard !halves[1].contains("+"), let length = Int(tail[0]), (0...width).contains(length) else { return nil }
    prefixLength = length
    if tail.count == 2 {
      guard let number = UInt16(tail[1]), number > 0 else { return nil }
      port = number
    } else {
      port = nil
    }
  }

  /// Whether the network contains this address and port. A network without a port contains all ports.
  package func contains(_ other: IPAddress, port otherPort: UInt16) -> Bool {
    guard other.bytes.count == address.bytes.count, port == nil || port == otherPort else { return false }
    for index in 0..<prefixLength {
      let mask = UInt8(0x80) >> UInt8(index % 8)
      if (address.bytes[index / 8] ^ other.bytes[index / 8]) & mask != 0 { return false }
    }
    return true
  }
}
