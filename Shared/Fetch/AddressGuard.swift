/// Decides which addresses a crawl may connect to: public ones on ports 80 and 443, and networks that the operator
/// allows.
///
/// The fetcher checks the resolved address of every connection, so redirects, DNS rebinding and unusual spellings of a
/// host cannot bypass it.
package struct AddressGuard: Sendable {
  private let allowedNetworks: [IPNetwork]

  /// - Parameter allowedNetworks: the networks of `FETCH_ALLOW_NETWORKS`, allowed on all ports unless they name one.
  package init(allowing allowedNetworks: [IPNetwork]) { self.allowedNetworks = allowedNetworks }

  /// Whether a crawl may connect to this address and port.
  package func allows(_ address: IPAddress, port: UInt16) -> Bool {
    // A connection to an IPv4-mapped address goes to the IPv4 address in it.
    let address = address.unmapped
    if allowedNetworks.contains(where: { $0.contains(address, port: port) }) { return true }
    return (port == 80 || port == 443) && Self.isPublic(address)
  }

  private static func isPublic(_ address: IPAddress) -> Bool {
    if address.bytes.count == 4 { return !isContained(address, in: specialIPv4) }
    guard globalUnicast.contains(where: { $0.contains(address, port: 0) }), !isContained(address, in: specialIPv6)
    else {
      return false
    }
    return address.isatapIPv4.map(isPublic) ?? true
  }

  private static func isContained(_ address: IPAddress, in networks: [IPNetwork]) -> Bool {
    networks.contains { $0.contains(address, port: 0) }
  }

  /// IPv4 blocks that are not globally reachable (IANA special-purpose registry, RFC 6890), multicast, documentation
  /// and benchmarking blocks, and 168.63.129.16, the public address of Azure's internal platform service.
  private static let specialIPv4: [IPNetwork] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
  ].map(network)

  /// The only IPv6 block that IANA assigns for the public internet (RFC 4291, section 2.4). Addresses outside of it are
  /// local, reserved, or translations of IPv4 addresses such as `64:ff9b::/96`.
  private static let globalUnicast = [network("2000::/3")]

  /// Special blocks inside global unicast: protocol assignments with Teredo (RFC 2928, RFC 4380), documentation
  /// (RFC 3849, RFC 9637) and 6to4 (RFC 3056), whose addresses contain an IPv4 address.
  private static let specialIPv6: [IPNetwork] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(network)

  /// Parses a network constant of this file, and stops the process if it is malformed.
  private static func network(_ text: String) -> IPNetwork {
    guard let network = IPNetwork(text) else { preconditionFailure("\(text) is not a network") }
    return network
  }
}
