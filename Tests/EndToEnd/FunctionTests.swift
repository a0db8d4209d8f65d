import Contract
import FoundationEssentials
import Support
import Testing

/// The functions as programs, without the gateway.
@Suite(.serialized)
struct FunctionTests {
  static let functions = ["analyze", "checkout", "generate", "usage", "webhook"]

  /// An input with a name, because Swift Testing would print each byte of it.
  struct MalformedInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]?

    init(_ name: String, _ bytes: [UInt8]?) { (testDescription, self.bytes) = (name, bytes) }
  }

  static let malformedInputs = [
    MalformedInput("closed stdin", nil), MalformedInput("empty", []), MalformedInput("not JSON", Array("hello".utf8)),
    MalformedInput("an array", Array("[]".utf8)), MalformedInput("NUL bytes", [0, 0, 0, 0]),
    MalformedInput("invalid UTF-8", [0x7b, 0xff, 0x7d]),
    MalformedInput("depth 100,000", Array(repeating: 0x5b, count: 100_000)),
    MalformedInput("20 MB", Array(repeating: UInt8(ascii: "7"), count: 20_000_000)),
    MalformedInput(
      "an event of 20 MB",
      Array(#"{"version":"2.0","body":""#.utf8) + Array(repeating: 0x78, count: 20_000_000) + Array(#""}"#.utf8)),
    MalformedInput("wrong types", Array(#"{"version":2,"requestContext":[]}"#.utf8)),
  ]

  @Test(arguments: functions, malformedInputs)
  func malformedInputIsRefusedWithoutACrash(function: String, input: MalformedInput) async throws {
    let outcome = try await Command(Products.path(of: function), environment: ["DATABASE_URL": ""]).run(
      input: input.bytes)
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 1)
    let response = try JSON.decode(Response.self, from: outcome.bytes)
    #expect(response.status == 400)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""code":"invalid_request""#))
  }

  @Test func failedWriteOfTheResponseExitsWithStatusOne() async throws {
    let outcome = try await Command("sh", ["-c", "echo '{}' | \(Products.path(of: "usage")) > /dev/full"]).run()
    #expect(outcome.status == 1)
  }

  @Test func expiredDeadlineIsAnsweredWith504() async throws {
    let event = #"{"version":"2.0","rawPath":"/health","requestContext":{"http":{"method":"GET"}}}"#
    let outcome = try await Command(Products.path(of: "usage"), environment: ["INVOCATION_DEADLINE_MS": "1"]).run(
      input: Array(event.utf8))
    #expect(try JSON.decode(Response.self, from: outcome.bytes).status == 504)
  }

  @Test func missingDatabaseURLIsNamedInTheResponse() async throws {
    let outcome = try await Command(Products.path(of: "analyze"), environment: ["DATABASE_URL": ""]).run(
      input: Array(#"{"url":"https://example.com"}"#.utf8))
    let response = try JSON.decode(Response.self, from: outcome.bytes)
    #expect(response.status == 503)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains("DATABASE_URL is not set"))
  }

  /// libpq takes missing and empty parts of a database URL from `PG…` variables, so the TLS check must do so, too.
  @Test(arguments: [
    ("host= dbname=app sslmode=disable", ["PGHOST": "db.example"]),
    ("postgresql://u@/app?sslmode=disable", ["PGHOST": "db.example"]),
    ("host=localhost hostaddr= dbname=app sslmode=disable", ["PGHOSTADDR": "192.0.2.1"]),
    ("postgresql://u@db.example/app", ["PGSSLMODE": "disable"]),
  ])
  func remoteDatabaseWithoutTLSIsRefused(url: String, settings: [String: String]) async throws {
    let event = Event(method: "GET", rawPath: "/health")
    let outcome = try await Command(
      Products.path(of: "usage"), environment: settings.merging(["DATABASE_URL": url]) { $1 }
    ).run(input: try JSON.encode(event))
    #expect(try JSON.decode(Response.self, from: outcome.bytes).status == 503)
    #expect(outcome.error.contains("without TLS"), "\(outcome.error)")
  }

  @Test func malformedSettingIsNamedInTheResponse() async throws {
    let url = try TestDatabase.make()
    let outcome = try await Command(
      Products.path(of: "analyze"), environment: ["DATABASE_URL": url, "FETCH_ALLOW_NETWORKS": "home"]
    )
    .run(input: Array(#"{"url":"https://example.com"}"#.utf8))
    #expect(
      String(decoding: try JSON.decode(Response.self, from: outcome.bytes).bytes, as: UTF8.self).contains(
        #""setting":"FETCH_ALLOW_NETWORKS""#))
  }
}
