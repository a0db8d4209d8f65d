import Contract
import FoundationEssentials
import Support
import Testing

/// `local-runner inspect llms`, as somebody at a terminal uses it.
struct InspectLLMSTests {
  private struct Report: Decodable {
    struct Finding: Decodable { let rule: String }
    let score: Int
    let issues: [Finding]
  }

  private func inspect(_ arguments: String..., input: String = "") async throws -> Command.Outcome {
    try await Command(Products.path(of: "local-runner"), ["inspect", "llms"] + arguments).run(input: Array(input.utf8))
  }

  private static let good = """
    # Tidewater

    > Tidewater is a forecasting service for harbours: tide heights, currents and alerts.

    Start with the quickstart.

    ## Guides

    - [Quickstart](https://site.example/quickstart): Make the first request in five minutes
    - [Stations](https://site.example/stations): Find the station that is nearest to a place

    """

  @Test func aGoodFileEndsInZeroAndABadOneInOne() async throws {
    let good = try await inspect("-", "--offline", input: Self.good)
    #expect(good.status == 0, "\(good.output)\(good.error)")
    #expect(
      good.output.hasPrefix("Score 100 of 100: 0 errors, 0 warnings, 0 notices · 2 links, 2 described, in 1 section"))
    let bad = try await inspect("-", "--offline", input: Self.good.replacing("- [Quick", with: "* [Quick"))
    #expect(bad.status == 1)
    #expect(
      bad.output.contains(
        "9: error: readers fail at any sign but a dash before a link [bullet]\n    fix: - [Quickstart](https://site.example/quickstart): Make"
      ))
  }

  @Test func whatIsNoFileAndNoURLIsRefused() async throws {
    #expect(try await inspect("/nonexistent/llms.txt").status == 64)
    #expect(try await inspect("https://u:p@site.example/").status == 64)
    #expect(try await inspect("https://site.example/", "--offline").status == 64)
    let refused = try await inspect("http://10.0.0.1/llms.txt")
    #expect(refused.status == 4)
    #expect(refused.error.hasPrefix("local-runner: the url may not be fetched"))
    #expect(try await inspect("http://127.0.0.1:9/").status == 5)
  }

  /// With the negative control that the same links without sections are not.
  @Test func theFileThatWeWriteIsGood() async throws {
    let database = try TestDatabase.make()
    let runner = Products.path(of: "local-runner")
    _ = try await Command(runner, ["database", "migrate"], environment: ["DATABASE_URL": database]).run()
    let written = try await Command(runner, ["llms"], environment: ["DATABASE_URL": database]).run()
    #expect(written.status == 0, "\(written.error)")
    let report = try JSON.decode(
      Report.self, from: try await inspect("-", "--offline", "--json", input: written.output).bytes)
    #expect(report.score >= 95, "\(report.issues)")
    let flat = written.output.replacing("\n## ", with: "\n### ")
    #expect(
      try JSON.decode(Report.self, from: try await inspect("-", "--offline", "--json", input: flat).bytes).score < 90)
  }
}
