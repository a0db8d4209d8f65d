import Fetch
import Testing

@Suite struct AddressGuards {
  @Test(
    "public addresses may be dialled on the web's two ports, and on no other",
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
    let closed = AddressGuard(opened: [])
    let address = try #require(IPAddress(text))
    #expect(closed.allows(address, port: 80))
    #expect(closed.allows(address, port: 443))
    for port in [0, 22, 25, 81, 6379, 8080, 8443, 65535] as [UInt16] { #expect(!closed.allows(address, port: port)) }
  }

  @Test(
    "IANA's special-purpose IPv4 addresses (RFC 6890) may not, from their first to their last",
    arguments: [
      "0.0.0.0", "0.255.255.255",  // this network: RFC 791
      "10.0.0.0", "10.255.255.255",  // private: RFC 1918
      "100.64.0.0", "100.127.255.255",  // shared: RFC 6598
      "127.0.0.0", "127.0.0.1", "127.255.255.255",
      "169.254.0.0", "169.254.169.254", "169.254.255.255",  // link local: RFC 3927, and clouds' metadata
      "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
      "192.0.0.0", "192.0.0.255",  // protocol assignments: RFC 6890
      // Documentation: RFC 5737.
      "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
      "192.88.99.0", "192.88.99.255",  // 6to4 relays: RFC 7526
      "198.18.0.0", "198.19.255.255",  // benchmarks: RFC 2544
      "224.0.0.0", "239.255.255.255",  // multicast: RFC 5771
      "240.0.0.0", "255.255.255.254", "255.255.255.255",  // reserved, broadcast: RFC 1112, RFC 919
      // Where clouds tell their machines' secrets: AWS, Google and Azure; ECS; EKS; Alibaba; Oracle; Azure's host.
      "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    ])
  func specialIPv4(text: String) throws {
    try expectForbidden(text)
  }

  @Test(
    "nor IPv6 addresses outside of global unicast (RFC 4291, section 2.4), nor the special ones inside",
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
      "fc00::", "fd00:ec2::254", "fd20:ce::254", "fdff::1",  // unique local: RFC 4193, and clouds' metadata
      "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",  // Teredo, benchmarks: RFC 5180
      "fe80::1", "febf::1", "fec0::1", "feff::1",  // link and site local: RFC 4291, RFC 3879
      "ff00::", "ff02::1", "ffff::1",  // multicast: RFC 4291
    ])
  func specialIPv6(text: String) throws {
    try expectForbidden(text)
  }

  @Test(
    "nor IPv6 addresses that carry such an IPv4 address",
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

  @Test("a tunnel to a public address may be dialled")
  func tunnel() throws {
    #expect(AddressGuard(opened: []).allows(try #require(IPAddress("2600::200:5efe:8.8.8.8")), port: 443))
  }

  @Test("an opened network may be dialled on all its ports, and its neighbours not")
  func openedNetwork() throws {
    let opened = AddressGuard(opened: try ["10.1.0.0/16", "fd00::/8"].map { try #require(IPNetwork($0)) })
    for (text, isOpen) in [
      ("10.1.2.3", true), ("10.2.0.0", false), ("127.0.0.1", false), ("fd12::1", true), ("fc00::1", false),
    ] {
      let address = try #require(IPAddress(text))
      for port in [80, 443, 22, 8080] as [UInt16] {
        #expect(opened.allows(address, port: port) == isOpen, "\(text) \(port)")
      }
    }
  }

  @Test("an opened port opens no other")
  func openedPort() throws {
    let opened = AddressGuard(opened: [try #require(IPNetwork("127.0.0.1/32:8080"))])
    let loopback = try #require(IPAddress("127.0.0.1"))
    #expect(opened.allows(loopback, port: 8080))
    #expect(!opened.allows(loopback, port: 80))
    #expect(!opened.allows(loopback, port: 8081))
    #expect(!opened.allows(try #require(IPAddress("127.0.0.2")), port: 8080))
    #expect(!opened.allows(try #require(IPAddress("8.8.8.8")), port: 8080))
  }

  @Test("an opened IPv4 network is open in its mapped form, too")
  func openedMapped() throws {
    let opened = AddressGuard(opened: [try #require(IPNetwork("127.0.0.0/8"))])
    #expect(opened.allows(try #require(IPAddress("::ffff:127.0.0.1")), port: 8080))
    for other in ["::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::1", "2600::5efe:127.0.0.1"] {
      #expect(!opened.allows(try #require(IPAddress(other)), port: 8080), "\(other)")
      #expect(!opened.allows(try #require(IPAddress(other)), port: 80), "\(other)")
    }
  }

  private func expectForbidden(_ text: String) throws {
    let address = try #require(IPAddress(text), "\(text)")
    for port in [80, 443, 8080] as [UInt16] {
      #expect(!AddressGuard(opened: []).allows(address, port: port), "\(text)")
    }
  }
}

@Suite struct FetchResponses {
  @Test(
    "RFC 9110, section 8.3: the media type, without case and parameters",
    arguments: [
      ("text/html", "text/html", nil),
      ("Text/HTML; Charset=UTF-8", "text/html", "utf-8"),
      ("text/html;charset=\"iso-8859-1\"; a=b", "text/html", "iso-8859-1"),
      ("text/html; charset='gbk'", "text/html", "gbk"),
      ("text/html; charset= utf-8", "text/html", "utf-8"),
      ("text/html; charset=", "text/html", nil),
      ("", "", nil),
    ] as [(String, String, String?)])
  func contentType(header: String, mediaType: String, charset: String?) {
    let response = FetchResponse(status: 200, headers: ["content-type": header])
    #expect(response.mediaType == mediaType)
    #expect(response.charset == charset)
  }

  @Test("without the header there is neither")
  func noContentType() {
    #expect(FetchResponse(status: 200).mediaType == nil)
    #expect(FetchResponse(status: 200).charset == nil)
  }
}
