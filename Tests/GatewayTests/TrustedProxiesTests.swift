import Contract
import Testing

@testable import Gateway

struct TrustedProxiesTests {
  @Test(
    "the client is the last address that is not a trusted proxy",
    arguments: [
      ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
      ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
      ("10.0.0.1", "203.0.113.7, 10.0.0.9", "203.0.113.7"),
      ("10.0.0.1", "10.0.0.8,10.0.0.9", "10.0.0.8"),
      ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
      // The rest of a header is ignored from the first text that is not an address.
      ("10.0.0.1", "203.0.113.7, unknown, 10.0.0.9", "10.0.0.9"),
      ("10.0.0.1", "", "10.0.0.1"),
    ])
  func trustedConnection(connection: String, header: String, client: String) throws {
    let proxies = try TrustedProxies(Environment(["TRUSTED_PROXIES": "10.0.0.0/8"]))
    #expect(proxies.client(of: connection, forwardedFor: header) == client)
  }

  @Test("a header from any other connection is ignored", arguments: ["", "10.0.0.0/8"])
  func untrustedConnection(networks: String) throws {
    let proxies = try TrustedProxies(Environment(["TRUSTED_PROXIES": networks]))
    #expect(proxies.client(of: "192.0.2.1", forwardedFor: "203.0.113.7") == "192.0.2.1")
  }

  @Test("an invalid network is a failure that quotes it")
  func invalidNetwork() {
    let failure = #expect(throws: Failure.self) {
      try TrustedProxies(Environment(["TRUSTED_PROXIES": "10.0.0.0/8, home"]))
    }
    #expect(failure?.message.contains("home") == true)
    #expect(failure?.details == ["setting": "TRUSTED_PROXIES"])
  }
}
