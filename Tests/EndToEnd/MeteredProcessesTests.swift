import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import SiteAnalysis
import Support
import Testing

/// More programs at once than the server has connections for.
@Suite(.serialized) struct MeteredProcessesTests {
  /// Those that find no connection wait for one until their deadline, and are `unavailable` then; of the others exactly
  /// the plan's twenty pass.
  @Test func twoHundredProcessesAtOncePassAsManyAsThePlanAllows() async throws {
    let soon = ContinuousClock.now.advanced(by: .seconds(300))
    let url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations, isDirect: true)
    let accounts = Accounts(Database(url: url))
    let ada = Email("ada@example.com")!
    _ = try accounts.grant(.growth, to: ada, by: soon)
    let key = try accounts.makeKey(for: ada, by: soon).text
    let site = try Command(
      "python3",
      ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "\(Products.package)/LocalRunner/Sample"]
    ).start()
    defer { site.end() }
    let address = try await Self.address(of: site)

    let event = Event(
      method: "POST", rawPath: "/analyze", headers: ["authorization": "Bearer \(key)"],
      body: Array(#"{"url":"\#(address)/","maxPages":1,"force":true}"#.utf8), sourceIP: "192.0.2.1")
    let input = try JSON.encode(event)
    // All but a few dozen of the server's connections are taken.
    let connections = try Database(url: url).rows(
      "SELECT current_setting('max_connections')::bigint", as: Int.self, by: soon)[0]
    let crowd = (0..<connections - 40).map { _ in Database(url: url) }
    for member in crowd { _ = try member.rows("SELECT 1::bigint", as: Int.self, by: soon) }
    defer { withExtendedLifetime(crowd) {} }
    let analyze = Command(
      Products.path(of: "analyze"), environment: ["DATABASE_URL": url, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8"])
    let started = try (0..<200).map { _ in try analyze.start(input: input) }
    var statuses: [Int: Int] = [:]
    for process in started {
      let outcome = try await process.wait()
      #expect(outcome.status == 0)
      statuses[try JSON.decode(Response.self, from: outcome.bytes).status, default: 0] += 1
    }
    // A site that so many ask at once may fail one of them, which gives its use back to another.
    #expect(statuses[200] == 20 && Set(statuses.keys).isSubset(of: [200, 429, 502, 503]), "\(statuses)")
    let database = Database(url: url)
    #expect(try database.rows("SELECT used FROM meter_days", as: Int.self, by: soon) == [20])
    #expect(
      try database.rows("SELECT count(*) FROM meter_holds WHERE state = 'settled'", as: Int.self, by: soon) == [20])
    #expect(try database.rows("SELECT count(*) FROM site_reports", as: Int.self, by: soon) == [20])
  }

  private static func address(of site: Command.Started) async throws -> String {
    for _ in 0..<200 {
      let text = String(decoding: site.output, as: UTF8.self)
      if let range = text.firstRange(of: "(http://") {
        return "http://" + text[range.upperBound...].prefix { $0 != "/" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Command.Failed(description: "no site: \(site.errorOutput)")
  }
}
