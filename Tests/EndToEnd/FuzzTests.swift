import Support
import Testing

/// A short run of the program `fuzz`. `Tests/Fuzz/run` does a long one.
@Suite(.serialized)
struct FuzzTests {
  @Test(arguments: ["robots", "sitemaps", "pages", "urls", "llms"])
  func parserAcceptsMutatedInputs(parser: String) async throws {
    let inputs = Products.isLongRun ? 3000 : 300
    let outcome = try await Command(
      Products.path(of: "fuzz"),
      ["--parser", parser, "--inputs", "\(inputs)", "--data", "\(Products.package)/../shared/data"]
    ).run()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("\(parser): \(inputs) inputs"))
  }

  @Test(.enabled(if: Products.isReleaseBuild, "needs the released programs: FUNCTIONS_DIR"))
  func analysisOfAHostileSiteEndsInTime() async throws {
    let variables = ["DATABASE_URL": try TestDatabase.make()]
    _ = try await Command(Products.path(of: "local-runner"), ["database", "migrate"], environment: variables).run()
    let outcome = try await Command(Products.path(of: "fuzz"), ["--servers", "82"], environment: variables).run()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("servers: 82 in"))
  }
}
