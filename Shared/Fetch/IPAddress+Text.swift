#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal for IPv4; the shortest form of RFC 5952 for IPv6.
  package var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The network that one client usually has to itself: an IPv4 address, also if IPv6 carries it, or an IPv6 /64.
  package var clientNetwork: String {
    let address = unmapped
    guard address.bytes.count == 16 else { return address.description }
    return IPAddress(bytes: Array(address.bytes[..<8]) + [UInt8](repeating: 0, count: 8)).description + "/64"
  }
}
