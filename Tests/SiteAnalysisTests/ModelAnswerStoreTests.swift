import Accounts
import Contract
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// Storage and expiry of language models' answers.
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

  private func load(_ models: [String], version: Int = 1) -> [[UInt8]: String] {
    store.load("score", version: version, [a, b], models: models, as: String.self, log, by: soon)
  }

  @Test func firstModelHasPrecedence() {
    save("of one", a, model: "one")
    save("of two", a, model: "two")
    save("of two", b, model: "two")
    #expect(load(["one", "two"]) == [a: "of one", b: "of two"])
    #expect(load(["two", "one"]) == [a: "of two", b: "of two"])
    #expect(load(["three"]) == [:] && load([]) == [:] && load(["one"], version: 2) == [:])
    save("again \u{0} \" \\", a, model: "one")
    #expect(load(["one"]) == [a: "again \u{0} \" \\"])
    #expect(store.load("curation", version: 1, [a], models: ["one"], as: String.self, log, by: soon) == [:])
    #expect(store.load("score", version: 1, [], models: ["one"], as: String.self, log, by: soon) == [:])
  }

  @Test func answersExpireAfter30DaysAndArePurged() throws {
    save("old", a, model: "one")
    save("new", b, model: "one")
    try database.execute(
      "UPDATE model_answers SET answered_at = now() - interval '30 days 1 second' WHERE digest = \(a)", by: soon)
    #expect(load(["one"]) == [b: "new"])
    try SiteAnalysis.purge(database, by: soon)
    #expect(try database.rows("SELECT count(*) FROM model_answers", as: Int.self, by: soon) == [1])
  }

  @Test func undecodableAnswerIsIgnored() throws {
    save("x", a, model: "one")
    try database.execute("UPDATE model_answers SET answer = '{\"depth\": 1}'", by: soon)
    #expect(load(["one"]) == [:])
  }

  @Test func missingDatabaseReturnsNoAnswers() {
    let store = ModelAnswerStore(database: Database(url: nil))
    store.save("score", version: 1, [(a, "x")], model: "one", log, by: soon)
    #expect(store.load("score", version: 1, [a], models: ["one"], as: String.self, log, by: soon) == [:])
  }
}
