import Testing
import Web

/// Host parsing as in browsers (WHATWG URL, section 3.5).
@Suite struct URLHosts {
  @Test(
    "host names become lower case, without trailing dot and percent escapes",
    arguments: [
      ("EXAMPLE.Com", "example.com"),
      ("example.com.", "example.com"),
      ("ex%41mple%2Ecom", "example.com"),
      ("a-b_c.example", "a-b_c.example"),
      ("localhost", "localhost"),
      ("1.example", "1.example"),
      ("example.0xyz", "example.0xyz"),
      ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
  func names(host: String, expected: String) throws {
    #expect(try NormalizedURL("https://\(host)/").host == expected)
  }

  @Test(
    "RFC 3492: non-ASCII labels are encoded in Punycode",
    arguments: [
      ("bücher.example", "xn--bcher-kva.example"),
      ("BÜCHER.example", "xn--bcher-kva.example"),
      ("b%C3%BCcher.example", "xn--bcher-kva.example"),
      ("faß.de", "xn--fa-hia.de"),
      ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
      ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
      ("他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"),
      ("почемужеонинеговорятпорусски.example", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example"),
      ("☃.net", "xn--n3h.net"),
      ("💩.la", "xn--ls8h.la"),
    ])
  func punycode(host: String, expected: String) throws {
    #expect(try NormalizedURL("https://\(host)/").host == expected)
  }

  @Test(
    "IPv4 addresses are accepted in every form that inet_aton accepts",
    arguments: [
      ("127.0.0.1", "127.0.0.1"),
      ("127.1", "127.0.0.1"),
      ("127.0.1", "127.0.0.1"),
      ("2130706433", "127.0.0.1"),
      ("0x7f000001", "127.0.0.1"),
      ("0X7F.1", "127.0.0.1"),
      ("0177.0.0.01", "127.0.0.1"),
      ("0x7f.0x0.0x0.0x1", "127.0.0.1"),
      ("127.0.0.1.", "127.0.0.1"),
      ("%31%32%37.1", "127.0.0.1"),
      ("127。0。0。1", "127.0.0.1"),
      ("0x.0x.0", "0.0.0.0"),
      ("192.168.257", "192.168.1.1"),
      ("4294967295", "255.255.255.255"),
    ])
  func ipv4(host: String, expected: String) throws {
    #expect(try NormalizedURL("http://\(host)/").host == expected)
  }

  @Test(
    "a host that ends in a number but is not an IPv4 address is rejected",
    arguments: [
      "256.0.0.1", "1.2.3.4.5", "1.2.3.256", "4294967296", "0x100000000", "08.0.0.1", "09", "1.2.3.08", "foo.1",
      "foo.0x4", "1..2",
      "-0.1", "0x-1.1",
    ])
  func notIPv4(host: String) {
    #expect(throws: NormalizedURL.Rejection.host) { try NormalizedURL("http://\(host)/") }
  }

  @Test(
    "RFC 5952, section 4: IPv6 addresses are shortened",
    arguments: [
      ("[::1]", "[::1]"),
      ("[2001:0DB8:0:0:0:0:0:1]", "[2001:db8::1]"),
      ("[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"),
      ("[2001:0:0:1:0:0:0:1]", "[2001:0:0:1::1]"),
      ("[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"),
      ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"),
      ("[::FFFF:7f00:1]", "[::ffff:127.0.0.1]"),
    ])
  func ipv6(host: String, expected: String) throws {
    let url = try NormalizedURL("http://\(host):8080/a")
    #expect(url.host == expected)
    #expect(url.port == 8080)
  }

  @Test(
    "invalid hosts are rejected",
    arguments: [
      "exa mple.com", "a..b", ".example.com", "..", ".", "a%00b", "a%2Fb", "a%3Ab", "%zz", "a%", "a<b", "a|b", "a^b",
      "%ff", "a,b",
      "[::1", "::1", "[::1]x", "[]", "[1]", "[::1%25eth0]", "[fe80::1%eth0]", "[::g]", "[1.2.3.4]", "[::1\0]", "[:::1]",
    ])
  func invalidHosts(host: String) {
    #expect(throws: NormalizedURL.Rejection.host) { try NormalizedURL("http://\(host)/") }
  }

  @Test("RFC 1035, section 2.3.4: labels have at most 63 bytes, names 253")
  func lengths() throws {
    let label = String(repeating: "a", count: 63)
    let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    #expect(try NormalizedURL("https://\(label).example/").host == "\(label).example")
    #expect(try NormalizedURL("https://\(name)/").host == name)
    for host in ["a\(label).example", "\(name)b", String(repeating: "ü", count: 64)] {
      #expect(throws: NormalizedURL.Rejection.host, "\(host)") { try NormalizedURL("https://\(host)/") }
    }
  }
}
