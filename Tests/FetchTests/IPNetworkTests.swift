import Fetch
import Testing

/// CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3).
@Suite struct IPNetworkTests {
  @Test(
    "a network contains the addresses with its prefix",
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

  @Test("a network with a port contains only that port")
  func ports() throws {
    for text in ["127.0.0.0/8:8080", "::1/128:8080"] {
      let network = try #require(IPNetwork(text))
      let address = try #require(IPAddress(text.hasPrefix(":") ? "::1" : "127.0.0.1"))
      #expect(network.contains(address, port: 8080))
      #expect(!network.contains(address, port: 80))
    }
  }

  @Test(
    "malformed text is not a network",
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
