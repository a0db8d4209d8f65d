import Accounts
import Contract
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// What models answered before, and for how long that holds.
struct ModelAnswerStoreTests {
  private let database: Database
  private let store: ModelAnswerStore
  private let log = Log(threshold: .error) { _ in }
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let a = [UInt8](repeating: 1, count: 32), b = [UInt8](repeating: 2, count: 32)

  init() throws {
    database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
    store = ModelAnswerStore(database: database)
  }

  private func save(_ text: String, _ digest: [UInt8], model: String, version: Int = 1) {
    store.save("score", version: version, [(digest, text)], model: model, log, by: soon)
  }

  private func recall(_ models: [String], version: Int = 1) -> [[UInt8]: String] {
    store.recall("score", version: version, [a, b], models: models, as: String.self, log, by: soon)
  }

  @Test func theFirstModelsAnswerIsTaken() {
    save("of one", a, model: "one")
    save("of two", a, model: "two")
    save("of two", b, model: "two")
    #expect(recall(["one", "two"]) == [a: "of one", b: "of two"])
    #expect(recall(["two", "one"]) == [a: "of two", b: "of two"])
    #expect(recall(["three"]) == [:] && recall([]) == [:] && recall(["one"], version: 2) == [:])
    save("again \u{0} \" \\", a, model: "one")
    #expect(recall(["one"]) == [a: "again \u{0} \" \\"])
    #expect(store.recall("curation", version: 1, [a], models: ["one"], as: String.self, log, by: soon) == [:])
    #expect(store.recall("score", version: 1, [], models: ["one"], as: String.self, log, by: soon) == [:])
  }

  @Test func whatIsOlderThanThirtyDaysIsAskedAgainAndForgotten() throws {
    save("old", a, model: "one")
    save("new", b, model: "one")
    try database.execute(
      "UPDATE model_answers SET answered_at = now() - interval '30 days 1 second' WHERE digest = \(a)", by: soon)
    #expect(recall(["one"]) == [b: "new"])
    try SiteAnalysis.purge(database, by: soon)
    #expect(try database.rows("SELECT count(*) FROM model_answers", as: Int.self, by: soon) == [1])
  }

  /// A row that cannot be read is none.
  @Test func whatSomebodyWroteThereIsNoAnswer() throws {
    save("x", a, model: "one")
    try database.execute("UPDATE model_answers SET answer = '{\"depth\": 1}'", by: soon)
    #expect(recall(["one"]) == [:])
  }

  /// It only saves money.
  @Test func withoutTheDatabaseNothingIsKnown() {
    let store = ModelAnswerStore(database: Database(url: nil))
    store.save("score", version: 1, [(a, "x")], model: "one", log, by: soon)
    #expect(store.recall("score", version: 1, [a], models: ["one"], as: String.self, log, by: soon) == [:])
  }
}
