import Accounts
import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

/// Deleting accounts that own nothing.
@Suite struct PurgeTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let url: String
  private let later = Date().addingTimeInterval(31 * 86_400)

  init() throws {
    url = try TestDatabase.make(Accounts.migrations)
    database = Database(url: url)
    // Stands for a feature's table.
    try database.execute("CREATE TABLE things (account_id uuid NOT NULL REFERENCES accounts)", by: soon)
  }

  /// Opens an account; its identity has its own id as the subject.
  private func open(_ kind: String, identity: String? = nil, columns: String = "") throws -> UUID {
    let id = UUID()
    try database.execute("INSERT INTO accounts (account_id, kind) VALUES (\(id), \(kind))", by: soon)
    if !columns.isEmpty {
      try database.execute("UPDATE accounts SET \(unsafeSQL: columns) WHERE account_id = \(id)", by: soon)
    }
    if let identity {
      try database.execute("INSERT INTO account_identities VALUES (\(identity), \(id.uuidString), \(id))", by: soon)
    }
    return id
  }

  private func remainingAccounts() throws -> Set<UUID> {
    Set(try database.rows("SELECT account_id FROM accounts", as: UUID.self, by: soon))
  }

  @Test func accountsThatOwnNothingAreDeletedAfter30DaysWithTheirIdentities() throws {
    for kind in ["email", "address"] { _ = try open("free", identity: kind) }
    let abandoned = try open("customer")
    try database.transaction(by: soon) {
      Accounts.record("checkout_opened", "coffee", of: abandoned, by: "buyer", in: &$0)
    }
    #expect(try Accounts.purge(database, at: Date().addingTimeInterval(29 * 86_400), by: soon) == 0)
    #expect(try Accounts.purge(database, at: later, by: soon) == 3)
    #expect(try remainingAccounts().isEmpty)
    #expect(
      try database.rows(
        "SELECT (SELECT count(*) FROM account_identities) + (SELECT count(*) FROM audit_log)", as: Int.self, by: soon)
        == [0])
    #expect(try Accounts.purge(database, at: later, by: soon) == 0)
  }

  @Test func accountsThatOwnSomethingAreNotDeleted() throws {
    let used = try open("free", identity: "email")
    try database.execute("INSERT INTO things VALUES (\(used))", by: soon)
    var expected: Set = [
      used, try open("operator", identity: "operator"), try open("customer", identity: "token"),
      try open("customer", identity: "grant"),
    ]
    for columns in ["plan = 'growth'", "bought_plan = 'coffee'", "subscribed_until = now()"] {
      expected.insert(try open("customer", columns: columns))
    }
    let keyed = try open("customer")
    let audited = try open("customer")
    try database.execute(
      "INSERT INTO credentials (digest, account_id) VALUES (\([UInt8](repeating: 1, count: 32)), \(keyed))", by: soon)
    try database.transaction(by: soon) { Accounts.record("plan_changed", "", of: audited, by: "stripe", in: &$0) }
    expected.formUnion([keyed, audited])
    #expect(try Accounts.purge(database, at: later, by: soon) == 0)
    #expect(try remainingAccounts() == expected)
  }

  /// A row that refers to an account locks it.
  @Test func accountWithAnUncommittedRowIsNotDeleted() throws {
    let account = try open("free", identity: "email")
    let other = Database(url: url)
    let later = later
    let soon = soon
    try database.transaction(by: soon) { transaction in
      try transaction.execute("INSERT INTO things VALUES (\(account))")
      #expect(try Accounts.purge(other, at: later, by: soon) == 0)
    }
    #expect(try Accounts.purge(database, at: later, by: soon) == 0)
    #expect(try remainingAccounts() == [account])
  }

  @Test func rowOfADeletedAccountIsUnavailable() throws {
    do {
      try database.execute("INSERT INTO things VALUES (\(UUID()))", by: soon)
      Issue.record("the row was inserted")
    } catch { #expect(error.failure.code == .unavailable) }
  }
}
