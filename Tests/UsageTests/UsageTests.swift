import Access
import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import Support
import Testing
import Usage

/// The routes `GET /usage` and `GET /usage/history`.
@Suite struct UsageTests {
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations))
    accounts = Accounts(database)
  }

  private struct Answer: Decodable {
    struct Owner: Decodable, Equatable { let email: String?, plan: String }
    struct Meter: Decodable, Equatable { let meter: String, limit: Int, used: Int }
    struct Month: Decodable, Equatable { let month: String, analyses: Int, documents: Int, credits: Int }
    struct Credits: Decodable, Equatable { let balance: Int, held: Int }
    let account: Owner
    let meters: [Meter]
    let credits: Credits
    let month: Month
  }

  private struct History: Decodable {
    struct Entry: Decodable, Equatable { let day: String, operation: String, count: Int }
    let days: [Entry]
  }

  private func get<Value: Decodable>(
    _ path: String = "/usage", as type: Value.Type, email: String? = nil, key: String? = nil,
    address: String = "192.0.2.1"
  ) async throws -> Value {
    let usage = Usage(Access(database), meters: Metering.feature.meters)
    let event = Event(
      method: "GET", rawPath: path, rawQueryString: email.map { "email=\($0)" } ?? "",
      headers: key.map { ["authorization": "Bearer \($0)"] } ?? [:], sourceIP: address)
    let response = await Router([usage.current, usage.history], log: Log(threshold: .error) { _ in }).respond(
      to: event, by: Deadline(after: .seconds(60)))
    try #require(response.status == 200, "\(String(decoding: response.bytes, as: UTF8.self))")
    return try JSON.decode(type, from: response.bytes)
  }

  private func today() throws -> String {
    try database.rows(
      "SELECT to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')", as: String.self, by: soon)[0]
  }

  /// The Free account of an email on the network of an address.
  private func freeAccount(_ email: String, address: String = "192.0.2.1") throws -> Account {
    try accounts.freeAccount(email: Email(email)!, network: Accounts.network(of: address), by: soon)
  }

  @Test func requestWithAKeyReportsTheStoredEmail() async throws {
    _ = try accounts.grant(.growth, to: Email("ada@example.com")!, by: soon)
    let key = try accounts.makeKey(for: Email("ada@example.com")!, by: soon).text
    let answer = try await get(as: Answer.self, email: "grace@example.com", key: key)
    #expect(answer.account == .init(email: "ada@example.com", plan: "growth"))
    #expect(
      answer.meters == [
        .init(meter: "analyses", limit: 20, used: 0), .init(meter: "model_microdollars", limit: 500_000, used: 0),
      ])
  }

  @Test func requestWithoutAKeyReportsTheFreeAccountOfTheEmail() async throws {
    _ = try Metering(database).hold(.analyses, of: freeAccount("ada@example.com"), for: .seconds(60), by: soon)
    let answer = try await get(as: Answer.self, email: "ADA@example.com")
    #expect(answer.account == .init(email: "ada@example.com", plan: "free"))
    #expect(answer.meters.map(\.used) == [1, 0] && answer.meters.map(\.limit) == [1, 10])
    #expect(answer.credits == .init(balance: 0, held: 0))
    #expect(
      try database.rows("SELECT count(*) FROM credit_accounts", as: Int.self, by: soon) == [0],
      "reading the balance creates no credit account")
  }

  @Test func emailOnAnotherNetworkReportsNothingOfItsOwner() async throws {
    _ = try Metering(database).hold(
      .analyses, of: freeAccount("victim@example.com", address: "198.51.100.1"), for: .seconds(60), by: soon)
    #expect(
      try await get("/usage/history", as: History.self, email: "victim@example.com", address: "203.0.113.5").days
        .isEmpty)
    let known = try await get(as: Answer.self, email: "victim@example.com", address: "203.0.113.5")
    let unknown = try await get(as: Answer.self, email: "nobody@example.com", address: "203.0.113.5")
    #expect(known.meters == unknown.meters && known.month == unknown.month)
    #expect(
      try await get("/usage/history", as: History.self, email: "victim@example.com", address: "198.51.100.1").days.count
        == 1)
  }

  @Test func historyListsDaysAndOperationsAndTheMonthSumsThemUp() async throws {
    let account = try accounts.grant(.scale, to: Email("ada@example.com")!, by: soon)
    let key = try accounts.makeKey(for: Email("ada@example.com")!, by: soon).text
    let metering = Metering(database)
    for _ in 0..<3 {
      try metering.settle(
        try #require(try metering.hold(.analyses, of: account, for: .seconds(60), by: soon)?.hold), by: soon)
    }
    try database.transaction(by: soon) { transaction in
      for _ in 0..<2 { Metering.count("documents_llms_txt", of: account, in: &transaction) }
      Metering.count("documents_thread", of: account, in: &transaction)
      Metering.count(
        "documents_llms_txt", 4, of: account, at: Date().addingTimeInterval(-40 * 86_400), in: &transaction)
      Metering.count(
        "documents_llms_txt", 4, of: account, at: Date().addingTimeInterval(-100 * 86_400), in: &transaction)
      let credits = Credits(of: account.id)
      try credits.add(500, .purchase, key: "session", in: &transaction)
      let hold = try credits.hold(30, for: .seconds(60), in: &transaction)
      try credits.settle(hold, spending: 20, key: "chat", in: &transaction)
    }
    let today = try today()
    let days = try await get("/usage/history", as: History.self, key: key).days
    #expect(
      Array(days.prefix(5)) == [
        .init(day: today, operation: "analyses", count: 3),
        .init(day: today, operation: "credits_purchase", count: 500),
        .init(day: today, operation: "credits_usage", count: -20),
        .init(day: today, operation: "documents_llms_txt", count: 2),
        .init(day: today, operation: "documents_thread", count: 1),
      ])
    #expect(days.count == 6 && days[5].count == 4, "the history covers 90 days")
    let answer = try await get(as: Answer.self, key: key)
    #expect(answer.month == .init(month: String(today.prefix(7)), analyses: 3, documents: 3, credits: 20))
    #expect(answer.credits == .init(balance: 480, held: 0))
  }
}
