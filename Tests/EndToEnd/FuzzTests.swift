import Support
import Testing

/// A little of what `Tests/Fuzz/run` does at length.
@Suite(.serialized)
struct FuzzTests {
  @Test(arguments: ["robots", "sitemaps", "pages", "urls", "llms"])
  func noInputBreaksAParser(parser: String) async throws {
    let inputs = Products.areReleased ? 3000 : 300
    let outcome = try await Command(
      Products.path(of: "fuzz"),
      ["--parser", parser, "--inputs", "\(inputs)", "--data", "\(Products.package)/../shared/data"]
    ).run()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("\(parser): \(inputs) inputs"))
  }

  @Test(.enabled(if: Products.areReleased, "needs the released programs: FUNCTIONS_DIR"))
  func noSiteKeepsAnAnalysisFromItsEnd() async throws {
    let variables = ["DATABASE_URL": try TestDatabase.make()]
    _ = try await Command(Products.path(of: "local-runner"), ["database", "migrate"], environment: variables).run()
    let outcome = try await Command(Products.path(of: "fuzz"), ["--servers", "82"], environment: variables).run()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("servers: 82 in"))
  }
}
