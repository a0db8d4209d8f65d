import Contract
import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Requests to the gateway of `local-runner start`, sent with curl.
@Suite(.serialized)
final class GatewayTests {
  private let gateway: Command.Started
  private let site: Command.Started
  private let address: String
  private let siteAddress: String

  init() async throws {
    let database = try TestDatabase.make()
    let variables = [
      "DATABASE_URL": database, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "CORS_ALLOWED_ORIGINS": "https://app.example",
    ]
    _ = try await Command(Products.path(of: "local-runner"), ["database", "migrate"], environment: variables).run()
    gateway = try Command(Products.path(of: "local-runner"), ["start", "--port", "0"], environment: variables).start()
    // Python's file server serves the sample site.
    site = try Command(
      "python3",
      ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "\(Products.package)/LocalRunner/Sample"]
    ).start()
    address = try await Self.address(in: gateway, after: "listening on ") { $0.errorOutput }
    siteAddress = try await Self.address(in: site, after: "(") { String(decoding: $0.output, as: UTF8.self) }
  }

  deinit {
    gateway.end()
    site.end()
  }

  private static func address(in started: Command.Started, after mark: String, _ output: (Command.Started) -> String)
    async throws -> String
  {
    for _ in 0..<200 {
      let text = output(started)
      if let range = text.firstRange(of: mark + "http://") {
        return "http://" + text[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == ":" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Command.Failed(description: "the server did not start: \(output(started))")
  }

  private func curl(_ arguments: String...) async throws -> String {
    try await Command("curl", ["-sS"] + arguments.map { $0.replacing("{gateway}", with: address) }).run().output
  }

  @Test func siteIsAnalyzedGeneratedAndDownloaded() async throws {
    struct Created: Decodable { let id: String }
    let analysis = try JSON.decode(
      Created.self, from: Array(try await curl("-d", #"{"url":"\#(siteAddress)/"}"#, "{gateway}/analyze").utf8))
    let document = try JSON.decode(
      Created.self, from: Array(try await curl("-d", #"{"analysisId":"\#(analysis.id)"}"#, "{gateway}/generate").utf8))
    let content = try await curl("-i", "{gateway}/generate/\(document.id)/content")
    #expect(content.contains("content-type: text/plain; charset=utf-8"))
    #expect(content.contains("\r\n\r\n# Tidewater\n"))
    #expect(try await curl("{gateway}/analyze/\(analysis.id)").contains(analysis.id))
  }

  @Test func invalidRequestHasTheMatchingStatus() async throws {
    #expect(try await curl("-o", "/dev/null", "-w", "%{http_code}", "-d", "{", "{gateway}/analyze") == "400")
    #expect(try await curl("-o", "/dev/null", "-w", "%{http_code}", "{gateway}/nothing") == "404")
    #expect(
      try await curl(
        "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer x", "-d", #"{"url":"\#(siteAddress)"}"#,
        "{gateway}/analyze") == "401")
    #expect(try await curl("-o", "/dev/null", "-w", "%{http_code}", "{gateway}/health") == "200")
  }

  @Test func bodyOverHTTPNeverHasOperatorAuthority() async throws {
    struct Created: Decodable { let id: String }
    // The gateway passes the whole text as a body, even if it looks like an event or a batch.
    let body = #"{"url":"\#(siteAddress)/","version":"2.0","Records":[],"isOperator":true}"#
    let made = try JSON.decode(Created.self, from: Array(try await curl("-d", body, "{gateway}/analyze").utf8))
    #expect(
      try await curl("-o", "/dev/null", "-w", "%{http_code}", "{gateway}/analyze/\(made.id)") == "200",
      "the report belongs to a Free account, so its id is enough to read it")
  }

  @Test func forwardedAddressOfAnUntrustedClientIsIgnored() async throws {
    struct Created: Decodable { let id: String }
    func analyze(_ headers: String...) async throws -> String {
      let arguments =
        headers.flatMap { ["-H", $0] } + ["-d", #"{"url":"\#(siteAddress)/","maxPages":2}"#, "\(address)/analyze"]
      return try JSON.decode(Created.self, from: Array(try await Command("curl", ["-sS"] + arguments).run().bytes)).id
    }
    // Both requests have the same account, so the second one returns the stored report.
    #expect(try await analyze() == analyze("X-Forwarded-For: 203.0.113.77"))
  }

  @Test func functionAnswersPreflightRequests() async throws {
    let answer = try await curl(
      "-i", "-X", "OPTIONS", "-H", "Origin: https://app.example", "-H", "Access-Control-Request-Method: POST",
      "{gateway}/analyze")
    #expect(answer.hasPrefix("HTTP/1.1 204"))
    #expect(answer.contains("access-control-allow-origin: https://app.example"))
  }

  @Test func bodyOverTheLimitIsRefused() async throws {
    let answer = try await Command(
      "sh", ["-c", "head -c 8000000 /dev/zero | tr '\\0' 'x' | curl -sS --data-binary @- \(address)/analyze"]
    ).run().output
    #expect(answer.contains("invalid_request"))
  }

  @Test func fortyConcurrentRequestsAreAnswered() async throws {
    let address = address
    let codes = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try await Command("curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "\(address)/health"]).run().output
        }
      }
      return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(codes == ["200": 40])
  }
}
