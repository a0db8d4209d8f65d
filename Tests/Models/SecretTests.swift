import FoundationEssentials
import Postgres
import Support
import Testing

/// Keys of providers stay where they are: in the settings, and in the requests to their owner.
struct SecretTests {
  @Test(arguments: ["echo", "echo-model", "good", "cut"], ["openai", "anthropic"])
  func noKeyReachesALogAnAnswerOrARow(behaviour: String, dialect: String) async throws {
    try await Lanes.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let place = try Workplace()
      let key = try place.key()
      // One that could be taken for the name of an error, and one that is plainly none.
      for (number, secret) in ["sk_SECRET0123456789abcdefghij", "sk-ant-SECRET/0123456789+abc="].enumerated() {
        let settings = Workplace.settings(provider.base(behaviour, "secret-\(dialect)"), dialect: dialect, key: secret)
        let outcome = try await place.analyze(provider.site(10 + number), key: key, settings)
        #expect(outcome.status == 200)
        #expect(!outcome.text.contains("SECRET") && !outcome.log.contains("SECRET"))
        let file = try await place.generate(try outcome.report().id, key: key, settings)
        #expect(!file.contains("SECRET"))
      }
      // A key that no header can hold stops nobody, and the log says which it is, but not what.
      let broken = try await place.analyze(
        provider.site(12), key: key, Workplace.settings(provider.base("good", "x"), dialect: dialect, key: "SECRET key")
      )
      #expect(
        try broken.report().metrics.model?.reason == "misconfigured"
          && broken.log.contains("\(dialect.uppercased())_API_KEY"))
      #expect(!broken.text.contains("SECRET") && !broken.log.contains("SECRET"))

      let (rows, columns) = try Self.search(place, "SECRET")
      #expect(rows == [] && columns > 60, "\(columns) columns")
      // The search itself finds what is there.
      #expect(try !Self.search(place, "Flow 127.0.0.10").rows.isEmpty)
    }
  }

  /// The columns of all tables in which a text lies, as such or in bytes.
  private static func search(_ place: Workplace, _ text: String) throws -> (rows: [String], columns: Int) {
    let columns = try place.database.rows(
      """
      SELECT quote_ident(table_name), quote_ident(column_name), data_type FROM information_schema.columns JOIN information_schema.tables
        USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
        AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY') ORDER BY 1, 2
      """, as: String.self, String.self, String.self, by: place.soon)
    var found: [String] = []
    for (table, column, type) in columns {
      let needle =
        type == "bytea"
        ? "position(convert_to(\(quoted(text)), 'UTF8') IN \(column))" : "position(\(quoted(text)) IN \(column)::text)"
      let count = try place.database.rows(
        "SELECT count(*) FROM \(unsafeSQL: table) WHERE \(unsafeSQL: needle) > 0", as: Int.self, by: place.soon)[0]
      if count > 0 { found.append("\(table).\(column)") }
    }
    return (found, columns.count)
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
