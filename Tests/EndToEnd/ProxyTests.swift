import Contract
import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The client's address behind proxies (`TRUSTED_PROXIES`); the functions are scripts that return their `sourceIp`.
@Suite(.serialized)
final class ProxyTests {
  private let folder: String

  init() throws {
    folder = "/tmp/llmtxt-proxy-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let script = """
      #!/bin/sh
      address=$(sed -n 's/.*"sourceIp":"\\([^"]*\\)".*/\\1/p')
      printf '{"statusCode":200,"headers":{},"body":"%s"}\\n' "$address"
      """
    for function in Function.allCases {
      try Data(script.utf8).write(to: URL(filePath: "\(folder)/\(function)"))
      unsafe chmod("\(folder)/\(function)", 0o755)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Returns the address that the functions receive for requests from this machine.
  ///
  /// - Parameter headers: the `X-Forwarded-For` headers of each request.
  private func addresses(_ headers: [[String]], trusting networks: String) async throws -> [String] {
    let variables = [
      "FUNCTIONS_DIR": folder, "TRUSTED_PROXIES": networks, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    ]
    let gateway = try Command(Products.path(of: "local-runner"), ["start", "--port", "0"], environment: variables)
      .start()
    defer { gateway.end() }
    var base: String?
    for _ in 0..<200 where base == nil {
      if let range = gateway.errorOutput.firstRange(of: "listening on http://") {
        base = "http://" + gateway.errorOutput[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == ":" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let address = try #require(base, "\(gateway.errorOutput)")
    var received: [String] = []
    for header in headers {
      let arguments =
        header.flatMap { ["-H", "X-Forwarded-For: \($0)"] } + [
          "-H", "Forwarded: for=6.6.6.6", "-H", "X-Real-IP: 6.6.6.6", "\(address)/usage",
        ]
      received.append(try await Command("curl", ["-sS"] + arguments).run().output)
    }
    return received
  }

  private static let forgedHeaders = [[], ["203.0.113.9"], ["6.6.6.6, 203.0.113.9"], ["127.0.0.1"]]

  @Test(arguments: ["", "10.0.0.0/8"]) func headersOfAnUntrustedClientAreIgnored(networks: String) async throws {
    #expect(try await addresses(Self.forgedHeaders, trusting: networks) == Array(repeating: "127.0.0.1", count: 4))
  }

  @Test func lastAddressBeforeTheTrustedProxiesIsTheClient() async throws {
    let received = try await addresses(
      [
        [], ["203.0.113.9"], ["6.6.6.6, 203.0.113.9"], ["6.6.6.6", "203.0.113.9"], ["6.6.6.6, 203.0.113.9, 10.1.2.3"],
        ["6.6.6.6, 203.0.113.9, 10.1.2.3, 127.0.0.1"], ["10.9.9.9, 10.1.2.3"], ["nonsense, 203.0.113.9"],
        ["203.0.113.9, nonsense"],
        ["6.6.6.6, 2001:db8::1"], ["6.6.6.6, ::ffff:10.1.2.3"],
      ], trusting: "127.0.0.1/32, 10.0.0.0/8")
    #expect(
      received == [
        "127.0.0.1", "203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.9", "10.9.9.9",
        "203.0.113.9", "127.0.0.1",
        "2001:db8::1", "6.6.6.6",
      ])
  }

  @Test func malformedNetworkIsNamedAtTheStart() async throws {
    let outcome = try await Command(
      Products.path(of: "local-runner"), ["start", "--port", "0"],
      environment: ["FUNCTIONS_DIR": folder, "TRUSTED_PROXIES": "10.0.0.0/8, zzz"]
    ).run()
    #expect(outcome.status != 0 && outcome.error.contains("TRUSTED_PROXIES contains zzz"))
  }
}
