import FoundationEssentials
import Support
import Testing

/// The extraction of the main content, measured on pages that were not used for training.
struct MainContentTests {
  private static let pages = "\(Products.package)/../shared/data/extraction"

  @Test(
    "main content extraction is as good as the best compared tool for every type of page",
    .enabled(if: Products.isReleaseBuild && FileManager.default.fileExists(atPath: pages)))
  func quality() async throws {
    let outcome = try await Command("python3", ["\(Products.package)/Tests/Benchmarks/main-content", "--alone"]).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let words = outcome.output.split { $0 == " " || $0 == "\n" }.map(String.init)
    let mean = try #require(words.firstIndex(of: "F1").flatMap { Double(words[$0 + 1]) })
    #expect(mean >= 0.81)
    let kinds = Dictionary(
      uniqueKeysWithValues: words.compactMap { word in
        let parts = word.split(separator: "=")
        return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
      })
    // For each type, the best of trafilatura, resiliparse and the rule that takes the main or article element.
    let bestScores = [
      "article": 0.926, "documentation": 0.939, "forum": 0.760, "service": 0.798, "product": 0.670, "collection": 0.639,
      "listing": 0.615,
    ]
    for (kind, least) in bestScores { #expect(kinds[kind] ?? 0 >= least, "\(kind)") }
  }
}
