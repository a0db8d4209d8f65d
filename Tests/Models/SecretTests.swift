import FoundationEssentials
import Postgres
import Support
import Testing

/// API keys of providers never reach logs, responses or database rows.
struct SecretTests {
  @Test(arguments: ["echo-key", "echo-key-as-model", "good", "cut-off"], ["openai", "anthropic"])
  func keyIsNotLoggedReturnedOrStored(behaviour: String, dialect: String) async throws {
    try await ConcurrencyLimit.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let harness = try FunctionHarness()
      let key = try harness.key()
      // One key could be a valid error name; the other could not.
      for (number, secret) in ["sk_SECRET0123456789abcdefghij", "sk-ant-SECRET/0123456789+abc="].enumerated() {
        let settings = FunctionHarness.settings(
          provider.base(behaviour, "secret-\(dialect)"), dialect: dialect, key: secret)
        let outcome = try await harness.analyze(provider.site(10 + number), key: key, settings)
        #expect(outcome.status == 200)
        #expect(!outcome.text.contains("SECRET") && !outcome.log.contains("SECRET"))
        let file = try await harness.generate(try outcome.report().id, key: key, settings)
        #expect(!file.contains("SECRET"))
      }
      // With a key that does not fit into a header, the analysis still succeeds. The log names the setting, not the key.
      let broken = try await harness.analyze(
        provider.site(12), key: key,
        FunctionHarness.settings(provider.base("good", "x"), dialect: dialect, key: "SECRET key")
      )
      #expect(
        try broken.report().metrics.model?.reason == "misconfigured"
          && broken.log.contains("\(dialect.uppercased())_API_KEY"))
      #expect(!broken.text.contains("SECRET") && !broken.log.contains("SECRET"))

      let (matches, columns) = try Self.search(harness, "SECRET")
      #expect(matches == [] && columns > 60, "\(columns) columns")
      // Check that the search finds a text that is stored.
      #expect(try !Self.search(harness, "Flow 127.0.0.10").matches.isEmpty)
    }
  }

  private struct Column: Decodable {
    let table: String
    let column: String
    let type: String
  }

  /// Searches all tables for a text, also in `bytea` columns. Returns the matching columns, and the number searched.
  private static func search(_ harness: FunctionHarness, _ text: String) throws -> (matches: [String], columns: Int) {
    let columns = try harness.database.rows(
      """
      SELECT quote_ident(table_name) AS "table", quote_ident(column_name) AS "column", data_type AS type
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
        AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY') ORDER BY 1, 2
      """, as: Column.self, by: harness.soon)
    var found: [String] = []
    for column in columns {
      let needle =
        column.type == "bytea"
        ? "position(convert_to(\(quoted(text)), 'UTF8') IN \(column.column))"
        : "position(\(quoted(text)) IN \(column.column)::text)"
      let count = try harness.database.rows(
        "SELECT count(*) FROM \(unsafeSQL: column.table) WHERE \(unsafeSQL: needle) > 0", as: Int.self,
        by: harness.soon)[0]
      if count > 0 { found.append("\(column.table).\(column.column)") }
    }
    return (found, columns.count)
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
