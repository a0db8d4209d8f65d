/// Which addresses a crawl may dial: public ones on the web's ports, and those that the operator opened.
///
/// It is asked about the address that is about to be dialled, so redirects, rebinding DNS and odd spellings of a host
/// come to nothing.
package struct AddressGuard: Sendable {
  private let opened: [IPNetwork]

  /// - Parameter opened: networks of `FETCH_ALLOW_NETWORKS`, open with all their ports.
  package init(opened: [IPNetwork]) { self.opened = opened }

  package func allows(_ address: IPAddress, port: UInt16) -> Bool {
    // Dialling a mapped address dials the IPv4 address in it.
    let address = address.unmapped
    if opened.contains(where: { $0.contains(address, port: port) }) { return true }
    return (port == 80 || port == 443) && Self.isPublic(address)
  }

  private static func isPublic(_ address: IPAddress) -> Bool {
    if address.bytes.count == 4 { return !isAny(of: specialIPv4, address) }
    guard globalUnicast.contains(where: { $0.contains(address, port: 0) }), !isAny(of: specialIPv6, address) else {
      return false
    }
    return address.tunnelledIPv4.map(isPublic) ?? true
  }

  private static func isAny(of networks: [IPNetwork], _ address: IPAddress) -> Bool {
    networks.contains { $0.contains(address, port: 0) }
  }

  /// Addresses that are not global unicast (IANA's special-purpose registry, RFC 6890), multicast, the documentation
  /// and
  /// benchmarking blocks, and the one public address at which a cloud (Azure) speaks to its own machines.
  private static let specialIPv4: [IPNetwork] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
  ].map(network)

  /// All that IANA gives out for the internet (RFC 4291, section 2.4). What lies outside is local, reserved or a
  /// translation of
  /// an IPv4 address, such as `64:ff9b::/96`, and so is what will be invented there.
  private static let globalUnicast = [network("2000::/3")]

  /// Protocols' own, Teredo among them (RFC 2928, RFC 4380), documentation (RFC 3849, RFC 9637), and 6to4 (RFC 3056),
  /// in which an
  /// IPv4 address hides.
  private static let specialIPv6: [IPNetwork] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(network)

  /// A network that stands in this file; one that could not be read must not open anything.
  private static func network(_ text: String) -> IPNetwork {
    guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
    return network
  }
}
