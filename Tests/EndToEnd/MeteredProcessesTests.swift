import Accounts
import Contract
import FoundationEssentials
import Postgres
import RunnerDatabase
import Support
import Testing

/// Quotas with more concurrent `analyze` processes than the server has connections.
@Suite(.serialized) struct MeteredProcessesTests {
  /// A process without a connection waits for one until its deadline, and then responds `unavailable`. Of the others,
  /// exactly twenty succeed, the quota of the plan.
  @Test func twoHundredConcurrentProcessesUseExactlyTheQuota() async throws {
    let soon = ContinuousClock.now.advanced(by: .seconds(300))
    let url = try TestDatabase.make(Feature.all.migrations, isDirect: true)
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
    // Occupy all connections of the server except 40.
    let connections = try Database(url: url).rows(
      "SELECT current_setting('max_connections')::bigint", as: Int.self, by: soon)[0]
    let occupied = (0..<connections - 40).map { _ in Database(url: url) }
    for database in occupied { _ = try database.rows("SELECT 1::bigint", as: Int.self, by: soon) }
    defer { withExtendedLifetime(occupied) {} }
    let analyze = Command(
      Products.path(of: "analyze"), environment: ["DATABASE_URL": url, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8"])
    let started = try (0..<200).map { _ in try analyze.start(input: input) }
    var statuses: [Int: Int] = [:]
    for process in started {
      let outcome = try await process.wait()
      #expect(outcome.status == 0)
      statuses[try JSON.decode(Response.self, from: outcome.bytes).status, default: 0] += 1
    }
    // A fetch from the overloaded site may fail; its use is then released for another process.
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
    throw Command.Failed(description: "the site did not start: \(site.errorOutput)")
  }
}
