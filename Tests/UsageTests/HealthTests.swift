import Accounts
import Contract
import Postgres
import Support
import Testing
import Usage

/// The routes `GET /live` and `GET /health`.
@Suite struct HealthTests {
  private func get(_ path: String, url: String?) async -> Response {
    let health = Health(Database(url: url))
    let router = Router([health.live, health.health], log: Log(threshold: .error) { _ in })
    return await router.respond(to: Event(method: "GET", rawPath: path), by: Deadline(after: .seconds(120)))
  }

  private func text(_ response: Response) -> String { String(decoding: response.bytes, as: UTF8.self) }

  @Test func migratedDatabaseIsReady() async throws {
    let response = await get("/health", url: try TestDatabase.make(Accounts.migrations))
    #expect(response.status == 200)
    #expect(text(response).contains(#""state":"ready""#))
    #expect(text(response).contains(#""migration":\#(Accounts.migrations.map(\.number).max() ?? 0)"#))
  }

  @Test func databaseWithoutMigrationsIsUnavailable() async throws {
    let response = await get("/health", url: try TestDatabase.make())
    #expect(response.status == 503)
    #expect(text(response).contains("not_migrated"))
  }

  @Test func unreachableDatabaseIsUnavailable() async {
    let response = await get("/health", url: "postgresql://nobody@/none?host=/nonexistent")
    #expect(response.status == 503)
    #expect(text(response).contains("unreachable"))
    #expect(!text(response).contains("/nonexistent"))
  }

  @Test func missingDatabaseSettingIsUnavailable() async {
    #expect(text(await get("/health", url: nil)).contains("not_configured"))
  }

  @Test func processIsLiveWithoutADatabase() async { #expect(await get("/live", url: nil).status == 200) }
}
