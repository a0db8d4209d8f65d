import Fetch
import Testing

@Suite struct AddressGuardTests {
  @Test(
    "public addresses are allowed on ports 80 and 443 only",
    arguments: [
      "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
      "169.253.255.255",
      "192.0.1.0", "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "126.255.255.255", "128.0.0.0",
      "11.0.0.0",
      "168.63.129.15", "168.63.129.17",
      "2000::1", "2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1",
      "2003::1", "3ffe::1",
      "3fff:1000::1", "::ffff:8.8.8.8",
    ])
  func publicAddresses(text: String) throws {
    let publicOnly = AddressGuard(allowing: [])
    let address = try #require(IPAddress(text))
    #expect(publicOnly.allows(address, port: 80))
    #expect(publicOnly.allows(address, port: 443))
    for port in [0, 22, 25, 81, 6379, 8080, 8443, 65535] as [UInt16] {
      #expect(!publicOnly.allows(address, port: port))
    }
  }

  @Test(
    "IANA special-purpose IPv4 addresses (RFC 6890) are forbidden, from the first to the last",
    arguments: [
      "0.0.0.0", "0.255.255.255",  // this network: RFC 791
      "10.0.0.0", "10.255.255.255",  // private: RFC 1918
      "100.64.0.0", "100.127.255.255",  // shared: RFC 6598
      "127.0.0.0", "127.0.0.1", "127.255.255.255",
      "169.254.0.0", "169.254.169.254", "169.254.255.255",  // link local: RFC 3927, and cloud metadata
      "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
      "192.0.0.0", "192.0.0.255",  // protocol assignments: RFC 6890
      // Documentation: RFC 5737.
      "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
      "192.88.99.0", "192.88.99.255",  // 6to4 relays: RFC 7526
      "198.18.0.0", "198.19.255.255",  // benchmarks: RFC 2544
      "224.0.0.0", "239.255.255.255",  // multicast: RFC 5771
      "240.0.0.0", "255.255.255.254", "255.255.255.255",  // reserved, broadcast: RFC 1112, RFC 919
      // Cloud metadata services: AWS, Google and Azure; ECS; EKS; Alibaba; Oracle; Azure's platform service.
      "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    ])
  func specialIPv4(text: String) throws {
    try expectForbidden(text)
  }

  @Test(
    "IPv6 addresses outside of global unicast (RFC 4291, section 2.4) and special ones inside are forbidden",
    arguments: [
      "::", "::1", "::2", "1::1", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "4000::1", "8000::1", "c000::1",
      "f000::1",
      "64:ff9b::808:808", "::808:808", "::ffff:0:808:808",  // translated and compatible forms, of public addresses too
      "2002::1", "2002:808:808::1", "2002:ffff:ffff::1",  // 6to4: RFC 3056
      "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:808:808",  // local-use translation: RFC 8215
      "100::", "100::ffff:ffff:ffff:ffff",  // discard: RFC 6666
      "2001::", "2001::1", "2001:1ff:ffff::1",  // protocol assignments and Teredo: RFC 2928, RFC 4380
      "2001:10::1", "2001:20::1",  // ORCHID: RFC 4843, RFC 7343
      "2001:db8::", "2001:db8:ffff::1", "3fff::", "3fff:fff::1",  // documentation: RFC 3849, RFC 9637
      "5f00::", "5f00::1",  // segment routing: RFC 9602
      "fc00::", "fd00:ec2::254", "fd20:ce::254", "fdff::1",  // unique local: RFC 4193, and cloud metadata
      "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",  // Teredo, benchmarks: RFC 5180
      "fe80::1", "febf::1", "fec0::1", "feff::1",  // link and site local: RFC 4291, RFC 3879
      "ff00::", "ff02::1", "ffff::1",  // multicast: RFC 4291
    ])
  func specialIPv6(text: String) throws {
    try expectForbidden(text)
  }

  @Test(
    "IPv6 addresses that contain a forbidden IPv4 address are forbidden",
    arguments: [
      "127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0",
      "255.255.255.255",
    ])
  func embedded(inner: String) throws {
    let bytes = try #require(IPAddress(inner)).bytes
    let hex = [bytes[..<2], bytes[2...]].map {
      $0.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
    for prefix in ["::ffff:", "::", "::ffff:0:", "64:ff9b::", "2600::5efe:", "2600::200:5efe:"] {
      try expectForbidden(prefix + inner)
    }
    try expectForbidden("2002:\(hex[0]):\(hex[1])::1")
  }

  @Test("an ISATAP address with a public IPv4 address is allowed")
  func isatap() throws {
    #expect(AddressGuard(allowing: []).allows(try #require(IPAddress("2600::200:5efe:8.8.8.8")), port: 443))
  }

  @Test("a configured network is allowed on all ports, and other networks are not")
  func configuredNetwork() throws {
    let configured = AddressGuard(allowing: try ["10.1.0.0/16", "fd00::/8"].map { try #require(IPNetwork($0)) })
    for (text, isAllowed) in [
      ("10.1.2.3", true), ("10.2.0.0", false), ("127.0.0.1", false), ("fd12::1", true), ("fc00::1", false),
    ] {
      let address = try #require(IPAddress(text))
      for port in [80, 443, 22, 8080] as [UInt16] {
        #expect(configured.allows(address, port: port) == isAllowed, "\(text) \(port)")
      }
    }
  }

  @Test("a configured port does not allow other ports")
  func configuredPort() throws {
    let configured = AddressGuard(allowing: [try #require(IPNetwork("127.0.0.1/32:8080"))])
    let loopback = try #require(IPAddress("127.0.0.1"))
    #expect(configured.allows(loopback, port: 8080))
    #expect(!configured.allows(loopback, port: 80))
    #expect(!configured.allows(loopback, port: 8081))
    #expect(!configured.allows(try #require(IPAddress("127.0.0.2")), port: 8080))
    #expect(!configured.allows(try #require(IPAddress("8.8.8.8")), port: 8080))
  }

  @Test("a configured IPv4 network is also allowed as IPv4-mapped IPv6")
  func configuredMappedAddress() throws {
    let configured = AddressGuard(allowing: [try #require(IPNetwork("127.0.0.0/8"))])
    #expect(configured.allows(try #require(IPAddress("::ffff:127.0.0.1")), port: 8080))
    for other in ["::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::1", "2600::5efe:127.0.0.1"] {
      #expect(!configured.allows(try #require(IPAddress(other)), port: 8080), "\(other)")
      #expect(!configured.allows(try #require(IPAddress(other)), port: 80), "\(other)")
    }
  }

  private func expectForbidden(_ text: String) throws {
    let address = try #require(IPAddress(text), "\(text)")
    for port in [80, 443, 8080] as [UInt16] {
      #expect(!AddressGuard(allowing: []).allows(address, port: port), "\(text)")
    }
  }
}
