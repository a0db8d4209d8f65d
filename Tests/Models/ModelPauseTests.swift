import Accounts
import Postgres
import Support
import Testing

/// A provider that is asked too much, and says when it may be asked again, as several processes heed it.
struct ModelPauseTests {
  @Test(.timeLimit(.minutes(5))) func whatOneIsToldHoldsForAll() async throws {
    try await Lanes.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let place = try Workplace()
      let key = try place.key(.scale)
      let tag = "pause"
      func analyze(_ site: Int, _ behaviour: String, seconds: Double) async throws -> Workplace.Report {
        try await place.analyze(
          provider.site(site), #","force":true"#, key: key,
          Workplace.settings(provider.base(behaviour, tag + behaviour)), seconds: seconds
        ).report()
      }
      // A day, of which an hour is heeded.
      #expect(try await analyze(70, "busy-long", seconds: 60).metrics.model?.reason == "refused_429")
      let left = try place.database.rows(
        "SELECT extract(epoch FROM ends_at - now())::float8 FROM service_pauses WHERE name = 'model openai'",
        as: Double.self, by: place.soon)
      #expect((3500...3600).contains(left.first ?? 0))
      let refused = try await analyze(71, "good", seconds: 20)
      #expect(refused.metrics.model?.reason == "rate_limited" && refused.metrics.modelCalls == 0)
      #expect(try provider.requests(tag + "good").isEmpty)

      // One that is short is waited for.
      let time = try place.database.rows(
        "UPDATE service_pauses SET ends_at = now() + interval '8 seconds' RETURNING extract(epoch FROM ends_at)::float8",
        as: Double.self, by: place.soon)
      #expect(try await analyze(72, "good", seconds: 60).metrics.model?.status == "complete")
      let first = try #require(try provider.requests(tag + "good").first)
      #expect(first.at >= time[0])
      #expect(try place.books().open == 0)
    }
  }

  /// Nobody waits long for one where another could be asked.
  @Test(.timeLimit(.minutes(5))) func anotherIsAskedInstead() async throws {
    try await Lanes.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let place = try Workplace()
      let key = try place.key(.scale)
      let settings = Workplace.settings(provider.base("busy-ten", "first")).merging(
        Workplace.settings(provider.base("good", "second"), dialect: "anthropic")
      ) { $1 }
      let outcome = try await place.analyze(provider.site(73), key: key, settings)
      #expect(try outcome.report().metrics.model?.status == "complete")
      #expect(try provider.requests("first").count == 1 && provider.requests("second").count == 2)
      #expect(outcome.duration < .seconds(10))
    }
  }

  /// Who has no time now is asked again where the others cannot answer.
  @Test(.timeLimit(.minutes(5))) func whoHasNoTimeNowIsAskedLater() async throws {
    try await Lanes.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let place = try Workplace()
      let key = try place.key(.scale)
      let settings = Workplace.settings(provider.base("good", "later")).merging(
        Workplace.settings(provider.base("echo", "refuses"), dialect: "anthropic")
      ) { $1 }
      try place.database.execute(
        "INSERT INTO rate_buckets (scope, subject, full_at) VALUES ('model requests 20', 'openai', now() + interval '20 seconds')",
        by: place.soon)
      let report = try await place.analyze(provider.site(74), key: key, settings).report()
      #expect(report.metrics.model?.status == "complete", "\(report.metrics)")
      #expect(try provider.requests("later").count == 2 && !provider.requests("refuses").isEmpty)
    }
  }
}
