import Accounts
import Postgres
import Support
import Testing

/// `Retry-After` of an overloaded provider, which all processes obey.
struct ModelPauseTests {
  @Test(.timeLimit(.minutes(5))) func retryAfterAppliesToAllProcesses() async throws {
    try await ConcurrencyLimit.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let harness = try FunctionHarness()
      let key = try harness.key(.scale)
      let tag = "pause"
      func analyze(_ site: Int, _ behaviour: String, seconds: Double) async throws -> FunctionHarness.Report {
        try await harness.analyze(
          provider.site(site), #","force":true"#, key: key,
          FunctionHarness.settings(provider.base(behaviour, tag + behaviour)), seconds: seconds
        ).report()
      }
      // The provider asks for a day; the pause is limited to an hour.
      #expect(try await analyze(70, "busy-long", seconds: 60).metrics.model?.reason == "refused_429")
      let remaining = try harness.database.rows(
        "SELECT extract(epoch FROM ends_at - now())::float8 FROM service_pauses WHERE name = 'model openai'",
        as: Double.self, by: harness.soon)
      #expect((3500...3600).contains(remaining.first ?? 0))
      let refused = try await analyze(71, "good", seconds: 20)
      #expect(refused.metrics.model?.reason == "rate_limited" && refused.metrics.modelCalls == 0)
      #expect(try provider.requests(tag + "good").isEmpty)

      // An analysis waits for a short pause to end.
      let time = try harness.database.rows(
        """
        UPDATE service_pauses SET ends_at = now() + interval '8 seconds'
        RETURNING extract(epoch FROM ends_at)::float8
        """, as: Double.self, by: harness.soon)
      #expect(try await analyze(72, "good", seconds: 60).metrics.model?.status == "complete")
      let first = try #require(try provider.requests(tag + "good").first)
      #expect(first.at >= time[0])
      #expect(try harness.ledger().openHolds == 0)
    }
  }

  /// An analysis does not wait long for a busy provider if there is another one.
  @Test(.timeLimit(.minutes(5))) func nextProviderReplacesABusyOne() async throws {
    try await ConcurrencyLimit.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let harness = try FunctionHarness()
      let key = try harness.key(.scale)
      let settings = FunctionHarness.settings(provider.base("busy-ten", "first")).merging(
        FunctionHarness.settings(provider.base("good", "second"), dialect: "anthropic")
      ) { $1 }
      let outcome = try await harness.analyze(provider.site(73), key: key, settings)
      #expect(try outcome.report().metrics.model?.status == "complete")
      #expect(try provider.requests("first").count == 1 && provider.requests("second").count == 2)
      #expect(outcome.duration < .seconds(10))
    }
  }

  /// A rate-limited provider is called again later if all others fail.
  @Test(.timeLimit(.minutes(5))) func rateLimitedProviderIsCalledAgainLater() async throws {
    try await ConcurrencyLimit.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let harness = try FunctionHarness()
      let key = try harness.key(.scale)
      let settings = FunctionHarness.settings(provider.base("good", "later")).merging(
        FunctionHarness.settings(provider.base("echo-key", "refuses"), dialect: "anthropic")
      ) { $1 }
      try harness.database.execute(
        """
        INSERT INTO rate_buckets (scope, subject, full_at)
        VALUES ('model requests 20', 'openai', now() + interval '20 seconds')
        """, by: harness.soon)
      let report = try await harness.analyze(provider.site(74), key: key, settings).report()
      #expect(report.metrics.model?.status == "complete", "\(report.metrics)")
      #expect(try provider.requests("later").count == 2 && !provider.requests("refuses").isEmpty)
    }
  }
}
