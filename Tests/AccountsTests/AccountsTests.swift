import Accounts
import FoundationEssentials
import Postgres
import Support
import Testing

/// Accounts, the identities that lead to them, and email addresses.
@Suite struct AccountsTests {
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  @Test func concurrentLookupsOpenOneAccount() async throws {
    let url = try TestDatabase.make(Accounts.migrations)
    let soon = soon
    let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<32 {
        group.addTask { try Accounts(Database(url: url)).networkAccount("192.0.2.7", by: soon).id }
      }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try Database(url: url).rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [1])
  }

  @Test func migration22RemovesIdentitiesOfAnEmailWithoutANetwork() throws {
    let database = Database(url: try TestDatabase.make(Accounts.migrations.filter { $0.number < 22 }))
    try database.execute(
      "INSERT INTO accounts (account_id, kind) VALUES ('00000000-0000-0000-0000-000000000001', 'free')", by: soon)
    try database.execute(
      """
      INSERT INTO account_identities
      SELECT it, it || '@example.com', account_id FROM accounts, unnest(ARRAY['email', 'grant']) AS it
      """, by: soon)
    _ = try Migrator(Accounts.migrations, database).migrate(by: soon)
    #expect(try database.rows("SELECT kind FROM account_identities", as: String.self, by: soon) == ["grant"])
  }

  @Test(arguments: ["a@b.example", "A.b+c@d-e.example", "ü@bücher.example"])
  func emailIsLowercased(text: String) { #expect(Email(text)?.address == text.lowercased()) }

  @Test(arguments: [
    "", "a", "a@", "@b.example", "a@b", "a@b@c.example", "a b@c.example", "a@b..example", "a@b.example\n",
    "a\u{0}@b.example",
  ])
  func malformedEmailIsNil(text: String) { #expect(Email(text) == nil) }
}
