import ArgumentParser
import Crawling
import Fetch
import FoundationEssentials
import Web

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A site whose URL the user typed.
///
/// A person at a desk may read sites on their own machine and network, and at any port. The fetcher is opened to the
/// addresses of the typed host and to no others, so a redirect cannot lead into the network.
struct TypedSite {
  let url: NormalizedURL
  /// Headers for the site only; nil if there are none.
  let headers: SiteHeaders?

  /// The environment variables for a function or a fetcher that reads the site.
  func variables(in environment: [String: String]) -> [String: String] {
    var environment = environment
    if !networks.isEmpty {
      environment["FETCH_ALLOW_NETWORKS", default: ""] += "," + networks.joined(separator: ",")
    }
    if let headers { environment[SiteHeaders.settingName] = headers.setting }
    return environment
  }

  /// Whether the host is this machine.
  var isLoopback: Bool {
    url.host == "localhost" || url.host == "[::1]"
      || url.host.hasPrefix("127.") && IPAddress(url.host)?.bytes.count == 4
  }

  /// The host and port as a network, if the host is an IP address.
  var address: String? {
    IPAddress(host).map { "\($0)/\($0.bytes.count * 8):\(port)" }
  }

  private var port: UInt16 { url.port ?? url.scheme.port }

  /// The host without the brackets of an IPv6 address.
  private var host: String { url.host.hasPrefix("[") ? String(url.host.dropFirst().dropLast()) : url.host }

  /// The networks to open: the addresses of the host, at the port of the URL.
  private var networks: [String] {
    Self.addresses(of: host).filter(Self.isReadable).map { "\($0)/\($0.bytes.count * 8):\(port)" }
  }

  /// Whether an address may be read if a user typed it: not that of a cloud's metadata service, and no link-local,
  /// multicast or reserved one.
  private static func isReadable(_ address: IPAddress) -> Bool {
    !unreadable.contains { $0.contains(address.unmapped, port: 0) }
  }

  private static let unreadable = [
    "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "::/128", "64:ff9b::/96", "2001::/23", "2002::/16", "fd00:ec2::/32", "fe80::/10", "ff00::/8",
  ].compactMap { IPNetwork($0) }

  /// The IP addresses of a host; empty if it has none.
  private static func addresses(of host: String) -> [IPAddress] {
    if let address = IPAddress(host) { return [address] }
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe Self.address(entry.pointee.ai_addr) { addresses.append(address) }
      unsafe next = unsafe entry.pointee.ai_next
    }
    return addresses
  }

  private static func address(_ pointer: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
    let raw = UnsafeRawPointer(pointer)
    switch unsafe Int32(pointer.pointee.sa_family) {
    case AF_INET:
      let address = unsafe raw.loadUnaligned(as: sockaddr_in.self)
      return IPAddress(bytes: unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) })
    case AF_INET6:
      let address = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
      return IPAddress(bytes: unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) })
    default: return nil
    }
  }
}
