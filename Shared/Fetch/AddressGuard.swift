/// Which addresses a crawl may dial: public ones on the web's ports, and those that the operator opened.
///
/// It is asked about the address that is about to be dialled, so redirects, rebinding DNS and odd spellings of a host
/// come to nothing.
package struct AddressGuard: Sendable {
  private let opened: [IPNetwork]

  /// - Parameter opened: networks of `FETCH_ALLOW_NETWORKS`, open with all their ports.
  package init(opened: [IPNetwork]) { self.opened = opened }

  package func allows(_ address: IPAddress, port: UInt16) -> Bool {
    if opened.contains(where: { $0.contains(address, port: port) }) { return true }
    if let inner = address.embeddedIPv4, opened.contains(where: { $0.contains(inner, port: port) }) { return true }
    guard port == 80 || port == 443 else { return false }
    return !Self.isSpecial(address) && !(address.embeddedIPv4.map(Self.isSpecial) ?? false)
  }

  private static func isSpecial(_ address: IPAddress) -> Bool {
    specialNetworks.contains { $0.contains(address, port: 0) }
  }

  /// Addresses that are not global unicast (IANA's special-purpose registries, RFC 6890), multicast, and the documentation
  /// and benchmarking blocks.
  private static let specialNetworks: [IPNetwork] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
    "fec0::/10", "ff00::/8",
  ].compactMap { IPNetwork($0) }
}
