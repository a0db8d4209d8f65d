import Fetch
import Testing

@Suite struct IPAddressTests {
  @Test(
    "dotted decimal and the text form of RFC 4291 are parsed",
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
    "other text is not an address",
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
    "RFC 5214, section 6.1: an ISATAP interface identifier contains an IPv4 address",
    arguments: ["2600::5efe:10.1.2.3", "2600::200:5efe:10.1.2.3"])
  func isatap(text: String) throws {
    #expect(try #require(IPAddress(text)).isatapIPv4 == IPAddress("10.1.2.3"))
  }

  @Test(
    "other interface identifiers contain no IPv4 address",
    arguments: ["10.1.2.3", "2600::1", "fe80::1", "2600::100:5efe:a01:203", "2600::5eff:10.1.2.3"])
  func notISATAP(text: String) throws {
    #expect(try #require(IPAddress(text)).isatapIPv4 == nil)
  }

  @Test(
    "RFC 4291, section 2.5.5.2: a mapped address becomes its IPv4 address, and other addresses do not change",
    arguments: [
      ("::ffff:10.1.2.3", "10.1.2.3"), ("10.1.2.3", "10.1.2.3"), ("::10.1.2.3", "::10.1.2.3"),
      ("::fffe:10.1.2.3", "::fffe:10.1.2.3"),
      ("::1:ffff:10.1.2.3", "::1:ffff:10.1.2.3"), ("2600::1", "2600::1"),
    ])
  func unmapped(text: String, expected: String) throws {
    #expect(try #require(IPAddress(text)).unmapped == IPAddress(expected))
  }
}
