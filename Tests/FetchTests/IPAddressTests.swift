import Fetch
import Testing

@Suite struct IPAddresses {
  @Test(
    "dotted decimal and RFC 4291's text are read",
    arguments: [
      ("0.0.0.0", [0, 0, 0, 0]),
      ("192.0.2.255", [192, 0, 2, 255]),
      ("::", Array(repeating: 0, count: 16)),
      ("::1", Array(repeating: 0, count: 15) + [1]),
      ("2001:DB8::a:1", [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0, 1]),
      ("::ffff:1.2.3.4", Array(repeating: 0, count: 10) + [0xff, 0xff, 1, 2, 3, 4]),
    ] as [(String, [UInt8])])
  func parsing(text: String, bytes: [UInt8]) {
    #expect(IPAddress(text)?.bytes == bytes)
  }

  @Test(
    "anything else is no address",
    arguments: [
      "", " ", "localhost", "127.1", "2130706433", "0x7f000001", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ",
      " 1.2.3.4", "1.2.3.-4",
      "[::1]", "::1%eth0", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1.2.3.4/32",
      "1.2.3.4:80", "1.2.3.4\0",
    ])
  func notAnAddress(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(
    "RFC 5214, section 6.1: an interface's name may carry an IPv4 address",
    arguments: ["2600::5efe:10.1.2.3", "2600::200:5efe:10.1.2.3"])
  func tunnelled(text: String) throws {
    #expect(try #require(IPAddress(text)).tunnelledIPv4 == IPAddress("10.1.2.3"))
  }

  @Test(
    "other names carry none",
    arguments: ["10.1.2.3", "2600::1", "fe80::1", "2600::100:5efe:a01:203", "2600::5eff:10.1.2.3"])
  func notTunnelled(text: String) throws {
    #expect(try #require(IPAddress(text)).tunnelledIPv4 == nil)
  }

  @Test(
    "RFC 4291, section 2.5.5.2: a mapped address is the IPv4 address in it, and no other changes",
    arguments: [
      ("::ffff:10.1.2.3", "10.1.2.3"), ("10.1.2.3", "10.1.2.3"), ("::10.1.2.3", "::10.1.2.3"),
      ("::fffe:10.1.2.3", "::fffe:10.1.2.3"),
      ("::1:ffff:10.1.2.3", "::1:ffff:10.1.2.3"), ("2600::1", "2600::1"),
    ])
  func unmapped(text: String, expected: String) throws {
    #expect(try #require(IPAddress(text)).unmapped == IPAddress(expected))
  }
}

/// RFC 4632, section 3.1, and RFC 4291, section 2.3.
@Suite struct IPNetworks {
  @Test(
    "a network holds the addresses with its prefix",
    arguments: [
      ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
      ("10.0.0.0/8", "9.255.255.255", false), ("172.16.0.0/12", "172.31.255.255", true),
      ("172.16.0.0/12", "172.32.0.0", false), ("172.16.0.0/12", "172.15.255.255", false),
      ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false),
      ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
      ("10.1.2.3/8", "10.9.9.9", true),
      ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
      ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
      ("::1", "::1", true), ("::1/128", "::2", false), ("::/0", "2001:db8::", true), ("::/0", "1.2.3.4", false),
    ])
  func contains(network: String, address: String, isInside: Bool) throws {
    let network = try #require(IPNetwork(network))
    #expect(network.contains(try #require(IPAddress(address)), port: 8080) == isInside)
  }

  @Test("a network may be of one port")
  func ports() throws {
    for text in ["127.0.0.0/8:8080", "::1/128:8080"] {
      let network = try #require(IPNetwork(text))
      let address = try #require(IPAddress(text.hasPrefix(":") ? "::1" : "127.0.0.1"))
      #expect(network.contains(address, port: 8080))
      #expect(!network.contains(address, port: 80))
    }
  }

  @Test(
    "what is malformed is no network, rather than one too large",
    arguments: [
      "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x", "10.0.0.0/ 8",
      "10.0.0.0/8/8", "::/129",
      "10.0.0.0/255.0.0.0", "10/8", "10.0.0.0:80", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:http",
      "10.0.0.0/8:+80",
      "10.0.0.0/8:80:81", "localhost/8", "[::1]/128", "10.0.0.0 /8", "*",
    ])
  func malformed(text: String) {
    #expect(IPNetwork(text) == nil)
  }
}
