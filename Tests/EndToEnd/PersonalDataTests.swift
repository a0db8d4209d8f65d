import Contract
import Cryptography
import FoundationEssentials
import Postgres
import RunnerDatabase
import Support
import Testing

@testable import Accounts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Export and erasure of personal data, with the tables of all features.
@Suite(.serialized) struct PersonalDataTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  private static let data = Feature.all.personalData

  init() throws {
    url = try TestDatabase.make(Feature.all.migrations)
    database = Database(url: url)
  }

  /// The tables whose rows stay after an erasure, and the reason.
  private static let keptTables = [
    "audit_log": "records actions with ids and amounts only",
    "credit_accounts": "the total of the ledger", "credit_lots": "the ledger", "credit_entries": "the ledger",
    "credit_holds": "part of the ledger; purged after 30 days",
    "payment_reversals": "bookkeeping", "stripe_references": "finds the account of a late Stripe event",
    "subscription_invoices": "bookkeeping",
    "invoice_lines": "bookkeeping", "model_calls": "costs without a name; purged after a year",
  ]

  private func tablesWithAccounts() throws -> Set<String> {
    Set(
      try database.rows(
        """
        SELECT table_name::text
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND column_name = 'account_id' AND table_type = 'BASE TABLE'
        """, as: String.self, by: soon))
  }

  @Test func everyTableWithAnAccountIsExportedAndErasedOrKeptForAReason() throws {
    let all = Accounts.personalData + Self.data
    let tables = try tablesWithAccounts()
    #expect(tables.count >= 15)
    #expect(tables.subtracting(all.map(\.table)) == [], "no feature lists these tables")
    #expect(Set(all.filter { $0.erase == nil }.map(\.table)) == Set(Self.keptTables.keys))
    #expect(Set(all.map(\.section)).count == all.count && Set(all.map(\.table)).count == all.count)
    // Negative control: an unlisted table is found.
    try database.execute("CREATE TABLE diaries (account_id uuid, entry text)", by: soon)
    #expect(try tablesWithAccounts().subtracting(all.map(\.table)) == ["diaries"])
  }

  // MARK: Test data

  /// Creates an account with rows in every table. All personal values contain the name.
  private func addPerson(_ name: String) throws -> UUID {
    let id = UUID()
    try database.transaction(by: soon) { transaction in
      let statements = [
        Self.accountRows(id, name), Self.meterRows(id), Self.purchaseRows(id, name), Self.workRows(id, name),
      ]
      for statement in statements.joined() { try transaction.execute(statement) }
    }
    return id
  }

  /// Rows of the tables of Accounts.
  private static func accountRows(_ id: UUID, _ name: String) -> [Query] {
    let email = name + "@example.com"
    return [
      """
      INSERT INTO accounts (account_id, kind, email, plan, subscribed_plan, subscribed_until)
      VALUES (\(id), 'customer', \(email), 'growth', 'growth', now())
      """,
      """
      INSERT INTO account_identities VALUES ('email', \(email), \(id)), ('grant', \(email), \(id)),
        ('address', \(name + " 192.0.2.1"), \(id)), ('token', \("sub https://clerk.example user_" + name), \(id))
      """,
      """
      INSERT INTO credentials (digest, account_id, beginning)
      VALUES (sha256(convert_to(\(name), 'UTF8')), \(id), \("llmtxt_" + name))
      """,
      """
      INSERT INTO audit_log (account_id, actor, action, details)
      VALUES (\(id), 'operator', 'plan_granted', 'free to growth')
      """,
    ]
  }

  /// Rows of meters and credits.
  private static func meterRows(_ id: UUID) -> [Query] {
    let lot = UUID()
    return [
      "INSERT INTO meter_days VALUES (\(id), 'analyses', '2026-03-01', 3)",
      """
      INSERT INTO meter_holds (account_id, hold_id, meter, day, expires_at)
      VALUES (\(id), \(UUID()), 'analyses', '2026-03-01', now())
      """,
      "INSERT INTO credit_accounts VALUES (\(id), 500, 10)",
      """
      INSERT INTO credit_lots (account_id, lot_id, key, amount, remaining)
      VALUES (\(id), \(lot), 'checkout cs', 500, 500)
      """,
      """
      INSERT INTO credit_entries (account_id, lot_id, kind, amount, key)
      VALUES (\(id), \(lot), 'purchase', 500, 'checkout cs')
      """,
      "INSERT INTO credit_holds (account_id, hold_id, amount, expires_at) VALUES (\(id), \(UUID()), 10, now())",
    ]
  }

  /// Rows of a paid subscription.
  private static func purchaseRows(_ id: UUID, _ name: String) -> [Query] {
    let subscription = "sub_" + id.uuidString.replacing("-", with: "")
    return [
      """
      INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id,
        claim_digest, url, payment_intent)
      VALUES (\(id), \("cs_\(id)"), 'growth', 'price', 1500, 'usd', 'subscription', \("cus_\(id)"),
        sha256(convert_to(\(name), 'UTF8')), \("https://pay/" + name), \("pi_\(id)"))
      """,
      """
      INSERT INTO stripe_references
      VALUES (\("cs_\(id)"), \(id), \("cs_\(id)")), (\("pi_\(id)"), \(id), NULL)
      """,
      """
      INSERT INTO subscriptions (account_id, subscription_id, plan, status, as_of, covered_until)
      VALUES (\(id), \(subscription), 'growth', 'active', 1, 4102444800)
      """,
      "INSERT INTO subscription_invoices VALUES (\(id), \("in_\(id)"), 'sub', 1500)",
      "INSERT INTO invoice_lines VALUES (\(id), \("in_\(id)"), 0, 'growth', 1500, 1, 4102444800)",
      "INSERT INTO payment_reversals VALUES (\("pi_\(id)"), \("re_\(id)"), 'refund', 100, 0, true)",
    ]
  }

  /// Rows of analyses, documents and requests.
  private static func workRows(_ id: UUID, _ name: String) -> [Query] {
    let report = UUID()
    let document = UUID()
    return [
      """
      INSERT INTO model_calls (account_id, purpose, provider, model, outcome, input_tokens, output_tokens,
        cost_microdollars, asked_at)
      VALUES (\(id), 'scoring', 'openai', 'm', 'answered', 1, 1, 1, now())
      """,
      """
      INSERT INTO queued_analyses (account_id, report_id, url, request, promise)
      VALUES (\(id), \(UUID()), \("https://\(name).example/"), '{}', '{}')
      """,
      """
      INSERT INTO site_reports (account_id, report_id, url, options, partial, report)
      VALUES (\(id), \(report), \("https://\(name).example/"), '', false, \("{\"title\":\"\(name)\"}")::json)
      """,
      """
      INSERT INTO documents (account_id, document_id, kind, media_type, content, report_id)
      VALUES (\(id), \(document), 'llms_txt', 'text/plain', \("# " + name), \(report))
      """,
      """
      INSERT INTO idempotency_keys (caller, key_digest, request_digest, resource, expires_at)
      VALUES (\("credential " + name), '\\x01', '', \(report.uuidString), now()),
        (\("credential " + name), '\\x02', '', \(document.uuidString), now()),
        (\("address " + name), '\\x03', '', \("cs_\(id)"), now()),
        (\("address \(name) 192.0.2.1"), '\\x04', '', 'another thing', now())
      """,
    ]
  }

  /// Every row of every table, as text.
  private func allRows() throws -> [String] {
    let tables = try database.rows(
      "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'",
      as: String.self, by: soon)
    var rows: [String] = []
    for table in tables {
      rows += try database.rows(
        "SELECT \(table) || ' ' || row_to_json(t)::text FROM \(unsafeSQL: table) AS t", as: String.self, by: soon)
    }
    return rows.sorted()
  }

  // MARK: Export and erasure

  @Test func exportHasEverySectionAndNoSecrets() throws {
    let ada = try addPerson("lovelace")
    let grace = try addPerson("hopper")
    let text = try database.transaction(by: soon) { try Accounts.export(ada, including: Self.data, in: &$0) }
    let sections = try JSON.decode([String: RowCount].self, from: Array(text.utf8))
    for table in Accounts.personalData + Self.data where table.export != nil {
      #expect(sections[table.section]?.count ?? 0 > 0, "\(table.section) is empty")
    }
    for piece in [
      "user_lovelace", "lovelace@example.com", "192.0.2.1", "llmtxt_lovelace", "https://lovelace.example/",
      #"{"title":"lovelace"}"#, "# lovelace", "free to growth", "cs_\(ada)",
    ] {
      #expect(text.contains(piece), "\(piece)")
    }
    for secret in ["hopper", grace.uuidString.lowercased(), "digest", "https://pay/lovelace"] {
      #expect(!text.contains(secret), "\(secret)")
    }
    let digest = try database.rows("SELECT encode(sha256('lovelace'), 'hex')", as: String.self, by: soon)[0]
    #expect(!text.contains(digest))
    #expect(try database.transaction(by: soon) { try Accounts.export(ada, including: Self.data, in: &$0) } == text)
  }

  /// The number of rows in a section of an export; 1 for the section that is one object.
  private struct RowCount: Decodable {
    let count: Int

    init(from decoder: any Decoder) throws {
      struct AnyValue: Decodable { init(from decoder: any Decoder) {} }
      if var list = try? decoder.unkeyedContainer() {
        var count = 0
        while !list.isAtEnd {
          _ = try list.decode(AnyValue.self)
          count += 1
        }
        self.count = count
      } else {
        count = 1
      }
    }
  }

  @Test func erasureRemovesTheNameAndKeepsOtherAccounts() throws {
    let ada = try addPerson("lovelace")
    let grace = try addPerson("hopper")
    #expect(try allRows().count { $0.contains("lovelace") } > 10, "negative control")
    let others = try allRows().filter { !$0.contains("lovelace") && !$0.contains(ada.uuidString.lowercased()) }
    try Accounts(database).erase(ada, including: Self.data, by: soon)
    let remaining = try allRows()
    #expect(remaining.filter { $0.contains("lovelace") && !$0.contains("hopper") } == [])
    #expect(Set(others).subtracting(remaining) == [])
    #expect(remaining.contains { $0.contains(grace.uuidString.lowercased()) && $0.contains("hopper@example.com") })
    let kept = remaining.filter { $0.contains(ada.uuidString.lowercased()) || $0.contains(ada.uuidString) }
    for table in [
      "checkouts", "credit_entries", "subscription_invoices", "payment_reversals", "audit_log", "stripe_references",
      "subscriptions",
    ] {
      #expect(kept.contains { $0.hasPrefix(table + " ") }, "\(table) must be kept")
    }
    #expect(try database.rows("SELECT kind FROM jobs", as: String.self, by: soon) == ["stripe_cancellation"])
  }

  // MARK: Commands

  private func runner(_ arguments: String...) async throws -> Command.Outcome {
    try await Command(
      Products.path(of: "local-runner"), arguments, environment: ["DATABASE_URL": url, "STRIPE_SECRET_KEY": ""]
    ).run()
  }

  @Test func operatorExportsAndErasesByEmail() async throws {
    let ada = try addPerson("lovelace")
    let contact = UUID()
    try database.execute(
      "INSERT INTO accounts (account_id, kind, email) VALUES (\(contact), 'customer', 'lovelace@example.com')", by: soon
    )
    let export = try await runner("accounts", "export", "lovelace@example.com")
    #expect(
      export.status == 0 && export.output.contains("# lovelace") && export.output.contains(#""foundBy":"contact""#),
      "\(export.error)")
    let before = try allRows()
    let preview = try await runner("accounts", "erase", "Lovelace@example.com")
    #expect(
      preview.status == 4 && preview.error.contains("1 documents") && preview.error.contains("is kept")
        && preview.error.contains("nothing was erased"), "\(preview.error)")
    #expect(try allRows() == before)
    #expect(
      try await runner("accounts", "erase", "lovelace@example.com", "--account", UUID().uuidString, "--yes").status == 4
    )
    #expect(try allRows() == before)
    #expect(try await runner("accounts", "erase", "lovelace@example.com", "--yes").status == 0)
    #expect(
      try allRows().filter { $0.contains("lovelace") }.count == 1, "the account with the email as contact is kept")
    #expect(
      try await runner("accounts", "erase", "lovelace@example.com", "--account", contact.uuidString, "--yes").status
        == 0)
    #expect(try allRows().filter { $0.contains("lovelace") } == [])
    #expect(
      try await runner("accounts", "erase", "lovelace@example.com", "--yes").status == 4, "no account has the email")
    let audit = try database.rows(
      """
      SELECT actor || ' ' || action FROM audit_log WHERE account_id = \(ada) AND action LIKE 'account%'
      ORDER BY created_at
      """, as: String.self, by: soon)
    #expect(audit == ["operator account_exported", "operator account_erased"])
  }

  @Test func accountWithoutEmailIsSelectedBySubjectAddressOrID() async throws {
    let user = UUID()
    let guest = UUID()
    for (id, kind, name, subject) in [
      (user, "customer", "token", "sub https://clerk.example user_2 b"), (guest, "free", "address", "192.0.2.7"),
    ] {
      try database.execute("INSERT INTO accounts (account_id, kind) VALUES (\(id), \(kind))", by: soon)
      try database.execute(
        "INSERT INTO account_identities (kind, subject, account_id) VALUES (\(name), \(subject), \(id))", by: soon)
    }
    #expect(try await runner("accounts", "export").status == 64)
    #expect(try await runner("accounts", "export", "--subject", "nobody").status == 4)
    for options in [["--subject", "user_2 b"], ["--account", user.uuidString]] {
      let export = try await runner("accounts", "export", options[0], options[1])
      #expect(export.status == 0 && export.output.contains(user.uuidString.lowercased()), "\(export.error)")
    }
    #expect(try await runner("accounts", "erase", "--address", "192.0.2.7").status == 4)
    #expect(
      try await runner("accounts", "erase", "--address", "192.0.2.7", "--account", user.uuidString, "--yes").status == 0
    )
    let remaining = try database.rows(
      "SELECT count(*) FROM account_identities WHERE kind = 'address' OR subject LIKE '%user_2%'", as: Int.self,
      by: soon)
    #expect(remaining == [0])
    let erased = try database.rows(
      "SELECT count(*) FROM accounts WHERE account_id IN (\(user), \(guest)) AND erased_at IS NOT NULL", as: Int.self,
      by: soon)
    #expect(erased == [2])
  }

  // MARK: Killed webhook

  private func deletion(_ name: String) throws -> [UInt8] {
    let body = #"{"data":{"deleted":true,"id":"user_\#(name)","object":"user"},"object":"event","type":"user.deleted"}"#
    let headers = try StandardWebhook.sign(
      Array(body.utf8), id: "msg_1", timestamp: Int(Date().timeIntervalSince1970), secret: "whsec_b2xk")
    return try JSON.encode(Event(method: "POST", rawPath: "/webhook/clerk", headers: headers, body: Array(body.utf8)))
  }

  /// A webhook that is killed at its first access to a table has erased nothing, or everything if that was its last
  /// statement. A second delivery erases all tables that the function knows, and the worker erases the others.
  @Test(arguments: [
    "webhook_events", "account_identities", "accounts", "meter_holds", "checkouts", "subscriptions", "idempotency_keys",
    "credentials", "audit_log", "jobs",
  ])
  func killedErasureIsCompletedByTheNextDelivery(table: String) async throws {
    let id = try addPerson("lovelace")
    let environment = [
      "DATABASE_URL": url, "CLERK_WEBHOOK_SECRET": "whsec_b2xk", "JWT_ISSUER": "https://clerk.example",
      "LOG_LEVEL": "error",
    ]
    let webhook = Command(Products.path(of: "webhook"), environment: environment)
    let before = try allRows()
    let input = try deletion("lovelace")
    try webhook.killed(input: input, whenWaitingFor: table, database, milliseconds: 5_000, by: soon)
    // The server process of the killed client may still be working: it completes a commit that it has received.
    let busyProcesses: Query = """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
      """
    for _ in 0..<200 where try database.rows(busyProcesses, as: Int.self, by: soon)[0] > 0 { usleep(50_000) }
    let isErased =
      try database.rows("SELECT erased_at IS NOT NULL FROM accounts WHERE account_id = \(id)", as: Bool.self, by: soon)
      == [true]
    #expect(try isErased || allRows() == before)
    for outcome in [isErased ? "duplicate" : "applied", "duplicate"] {
      let answer = try await webhook.run(input: input)
      let response = try JSON.decode(Response.self, from: answer.bytes)
      #expect(
        response.status == 200 && String(decoding: response.bytes, as: UTF8.self).contains(outcome),
        "\(String(decoding: response.bytes, as: UTF8.self))")
    }
    #expect(
      try database.rows(
        "SELECT email IS NULL AND erased_at IS NOT NULL FROM accounts WHERE account_id = \(id)", as: Bool.self, by: soon
      ) == [true])
    #expect(
      try database.rows("SELECT count(*) FROM documents", as: Int.self, by: soon) == [1],
      "the webhook does not link the feature Documents")
    let worker = try await runner("worker", "--drain")
    #expect(worker.status == 0 && worker.error.contains("account_erasure: done"), "\(worker.error)")
    #expect(try allRows().filter { $0.contains("lovelace") } == [])
  }
}
