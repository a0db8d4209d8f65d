import Accounts
import Contract
import Metering
import Postgres
import Support
import Testing

struct HealthTests {
  private func get(_ path: String, url: String?) async -> Response {
    let health = Health(Database(url: url))
    let router = Router([health.live, health.health], log: Log(threshold: .error) { _ in })
    return await router.respond(to: Event(method: "GET", rawPath: path), by: Deadline(after: .seconds(120)))
  }

  private func state(_ response: Response) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test func aMigratedDatabaseIsReady() async throws {
    let response = await get("/health", url: try TestDatabase.make(Accounts.migrations))
    #expect(response.status == 200)
    #expect(state(response).contains(#""state":"ready""#))
    #expect(state(response).contains(#""migration":\#(Accounts.migrations.map(\.number).max() ?? 0)"#))
  }

  @Test func oneThatIsNotMigratedIsUnavailable() async throws {
    let response = await get("/health", url: try TestDatabase.make())
    #expect(response.status == 503)
    #expect(state(response).contains("not_migrated"))
  }

  @Test func oneThatIsNotThereIsUnavailable() async {
    let response = await get("/health", url: "postgresql://nobody@/none?host=/nonexistent")
    #expect(response.status == 503)
    #expect(state(response).contains("unreachable"))
    #expect(!state(response).contains("/nonexistent"))
  }

  @Test func oneThatIsNotConfiguredIsUnavailable() async {
    #expect(state(await get("/health", url: nil)).contains("not_configured"))
  }

  @Test func theProcessIsLiveWithoutAnyDatabase() async { #expect(await get("/live", url: nil).status == 200) }
}
