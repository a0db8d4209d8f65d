import FoundationEssentials
import Postgres
import Support
import Testing

@Suite("Rows decoded by column name")
struct RowTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws { database = Database(url: try TestDatabase.make()) }

  private enum Plan: String, Decodable {
    case free
    case coffee
  }

  private struct Slug: RawRepresentable, Decodable {
    let rawValue: String
  }

  private struct Grant: Decodable, Equatable {
    let accountID: UUID
    let plan: Plan
    let digest: [UInt8]
    let endsAt: Date?
    let isPaid: Bool
    let note: String?
    let jwksURL: String
    let nextPlan: Plan?
  }

  private func grants(_ columns: String) throws -> [Grant] {
    try database.rows("SELECT \(unsafeSQL: columns)", as: Grant.self, by: soon)
  }

  private func failure<Row: Decodable>(_ query: Query, as type: Row.Type) -> DatabaseError? {
    let error = #expect(throws: DatabaseError.self) { try database.rows(query, as: type, by: soon) }
    #expect(error?.code == .decoding)
    return error
  }

  @Test("The order of the columns does not matter, and additional columns are ignored")
  func columnsInAnyOrder() throws {
    let columns = [
      "'6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid AS account_id", "'coffee'::text AS plan",
      "'\\x00ff'::bytea AS digest", "to_timestamp(1700000000) AS ends_at", "true AS is_paid", "NULL::text AS note",
      "'https://example.com/jwks'::text AS jwks_url", "NULL::text AS next_plan", "1 AS more",
    ]
    let expected = Grant(
      accountID: try #require(UUID(uuidString: "6F9619FF-8B86-D011-B42D-00C04FC964FF")), plan: .coffee,
      digest: [0x00, 0xff], endsAt: Date(timeIntervalSince1970: 1_700_000_000), isPaid: true, note: nil,
      jwksURL: "https://example.com/jwks", nextPlan: nil)
    #expect(try grants(columns.joined(separator: ", ")) == [expected])
    #expect(try grants(columns.reversed().joined(separator: ", ")) == [expected])
  }

  @Test("Two columns of one type with exchanged names are decoded by name")
  func exchangedNames() throws {
    struct Range: Decodable {
      let lower: Int
      let upper: Int
    }
    let ranges = try database.rows(
      "SELECT n AS upper, n - 1 AS lower FROM generate_series(1, 3) AS n", as: Range.self, by: soon)
    #expect(ranges.map(\.lower) == [0, 1, 2])
    #expect(ranges.map(\.upper) == [1, 2, 3])
  }

  @Test("A transaction decodes rows by name too")
  func rowsInATransaction() throws {
    struct Row: Decodable { let id: Int }
    let rows = try database.transaction(by: soon) { try $0.rows("SELECT 7 AS id", as: Row.self) }
    #expect(rows.map(\.id) == [7])
  }

  @Test("A statement without rows returns an empty array")
  func noRows() throws {
    struct Row: Decodable { let id: Int }
    #expect(try database.rows("SELECT 1 AS id WHERE false", as: Row.self, by: soon).isEmpty)
  }

  @Test("A missing column is an error that names it, for optional properties too")
  func missingColumn() {
    struct Row: Decodable { let accountID: Int }
    struct OptionalRow: Decodable { let accountID: Int? }
    #expect(failure("SELECT 1 AS id", as: Row.self)?.message.contains("account_id") == true)
    #expect(failure("SELECT 1 AS id", as: OptionalRow.self)?.message.contains("account_id") == true)
  }

  @Test("Two columns of the same name are an error if a property has that name")
  func ambiguousColumn() throws {
    struct Row: Decodable { let id: Int }
    struct OtherRow: Decodable { let number: Int }
    #expect(failure("SELECT 1 AS id, 2 AS id", as: Row.self)?.message.contains("id") == true)
    let rows = try database.rows("SELECT 1 AS id, 2 AS id, 3 AS number", as: OtherRow.self, by: soon)
    #expect(rows.map(\.number) == [3])
  }

  @Test("NULL is nil for an optional property and an error for another")
  func nullColumn() throws {
    struct Row: Decodable { let note: String }
    struct PlanRow: Decodable { let plan: Plan }
    struct OptionalRow: Decodable { let note: String? }
    #expect(try database.rows("SELECT NULL::text AS note", as: OptionalRow.self, by: soon).map(\.note) == [nil])
    #expect(failure("SELECT NULL::text AS note", as: Row.self)?.message.contains("note is NULL") == true)
    #expect(failure("SELECT NULL::text AS plan", as: PlanRow.self)?.message.contains("plan is NULL") == true)
  }

  @Test("A column of another type is an error that names it")
  func wrongType() {
    struct Row: Decodable { let size: Int }
    struct OptionalRow: Decodable { let size: Int? }
    #expect(failure("SELECT 'x'::text AS size", as: Row.self)?.message.contains("size") == true)
    #expect(failure("SELECT 'x'::text AS size", as: OptionalRow.self)?.message.contains("size") == true)
  }

  @Test("An unknown value of an enum is an error that names the column and not the value")
  func unknownEnumValue() {
    struct Row: Decodable { let plan: Plan }
    let message = failure("SELECT 'secret'::text AS plan", as: Row.self)?.message
    #expect(message?.contains("plan") == true)
    #expect(message?.contains("secret") == false)
  }

  @Test("Types that a column cannot hold are an error and not an endless recursion")
  func unsupportedTypes() {
    struct Small: Decodable { let size: Int32 }
    struct List: Decodable { let size: [Int] }
    struct Nested: Decodable { let size: Small }
    #expect(failure("SELECT 1 AS size", as: Small.self)?.message.contains("size") == true)
    #expect(failure("SELECT 1 AS size", as: List.self)?.message.contains("size") == true)
    #expect(failure("SELECT 1 AS size", as: Nested.self)?.message.contains("size") == true)
    #expect(failure("SELECT 1 AS size", as: [Int].self) != nil)
  }

  @Test("A type with a single value is decoded from the only column")
  func singleColumn() throws {
    #expect(try database.rows("SELECT 'coffee'::text", as: Plan.self, by: soon) == [.coffee])
    #expect(try database.rows("SELECT 'a-b'::text", as: Slug.self, by: soon).map(\.rawValue) == ["a-b"])
    #expect(try database.rows("SELECT 'x'::text", as: String.self, by: soon) == ["x"])
    #expect(try database.rows("SELECT NULL::text", as: String?.self, by: soon) == [nil])
    #expect(try database.rows("SELECT '\\x0102'::bytea", as: [UInt8].self, by: soon) == [[1, 2]])
  }

  @Test("A key in camelCase names a column in snake_case, and a run of capitals is one word")
  func columnNames() throws {
    struct Row: Decodable, Equatable {
      let accountID: Int
      let jwksURL: Int
      let htmlURLPath: Int
      let nextPlanAt: Int
      let sha256Digest: Int
      let written: Int

      enum CodingKeys: String, CodingKey {
        case accountID
        case jwksURL
        case htmlURLPath
        case nextPlanAt
        case sha256Digest
        case written = "own_name"
      }
    }
    let rows = try database.rows(
      """
      SELECT 1 AS account_id, 2 AS jwks_url, 3 AS html_url_path, 4 AS next_plan_at, 5 AS sha256_digest, 6 AS own_name
      """, as: Row.self, by: soon)
    #expect(
      rows == [Row(accountID: 1, jwksURL: 2, htmlURLPath: 3, nextPlanAt: 4, sha256Digest: 5, written: 6)])
  }
}
