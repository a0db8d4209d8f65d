import Contract
import FoundationEssentials
import Support
import Testing

/// The command `local-runner inspect llms`: exit status, output and refusals.
struct InspectLLMSTests {
  private struct Report: Decodable {
    struct Finding: Decodable { let rule: String }
    let score: Int
    let issues: [Finding]
  }

  private func inspect(_ arguments: String..., input: String = "") async throws -> Command.Outcome {
    try await Command(Products.path(of: "local-runner"), ["inspect", "llms"] + arguments).run(input: Array(input.utf8))
  }

  private static let validFile = """
    # Tidewater

    > Tidewater is a forecasting service for harbours: tide heights, currents and alerts.

    Start with the quickstart.

    ## Guides

    - [Quickstart](https://site.example/quickstart): Make the first request in five minutes
    - [Stations](https://site.example/stations): Find the station that is nearest to a place

    """

  @Test func exitStatusIsZeroForAValidFileAndOneForAnInvalidOne() async throws {
    let valid = try await inspect("-", "--offline", input: Self.validFile)
    #expect(valid.status == 0, "\(valid.output)\(valid.error)")
    #expect(
      valid.output.hasPrefix("Score 100 of 100: 0 errors, 0 warnings, 0 notices · 2 links, 2 described, in 1 section"))
    let invalid = try await inspect("-", "--offline", input: Self.validFile.replacing("- [Quick", with: "* [Quick"))
    #expect(invalid.status == 1)
    #expect(
      invalid.output.contains(
        "9: error: clients fail on a list marker other than a dash [bullet]\n"
          + "    fix: - [Quickstart](https://site.example/quickstart): Make"
      ))
  }

  @Test func sourceThatCannotBeReadIsRefused() async throws {
    #expect(try await inspect("/nonexistent/llms.txt").status == 64)
    #expect(try await inspect("https://site.example:0/").status == 64)
    #expect(try await inspect("https://site.example/", "--offline").status == 64)
    let refused = try await inspect("http://169.254.169.254/llms.txt")
    #expect(refused.status == 4)
    #expect(refused.error.hasPrefix("local-runner: the url may not be fetched"))
    #expect(try await inspect("http://127.0.0.1:9/").status == 5)
  }

  /// Negative control: the same links without sections have a low score.
  @Test func generatedFileHasAHighScore() async throws {
    let database = try TestDatabase.make()
    let runner = Products.path(of: "local-runner")
    _ = try await Command(runner, ["database", "migrate"], environment: ["DATABASE_URL": database]).run()
    let generated = try await Command(runner, ["llms"], environment: ["DATABASE_URL": database]).run()
    #expect(generated.status == 0, "\(generated.error)")
    let report = try JSON.decode(
      Report.self, from: try await inspect("-", "--offline", "--json", input: generated.output).bytes)
    #expect(report.score >= 95, "\(report.issues)")
    let flat = generated.output.replacing("\n## ", with: "\n### ")
    #expect(
      try JSON.decode(Report.self, from: try await inspect("-", "--offline", "--json", input: flat).bytes).score < 90)
  }
}
