import FoundationEssentials
import Support
import Testing

/// The choice of the main content on pages that nothing was learned from.
struct MainContentTests {
  private static let pages = "\(Products.package)/../shared/data/extraction"

  @Test(
    "it beats the best of the tools that it is compared with, in every kind of page",
    .enabled(if: Products.areReleased && FileManager.default.fileExists(atPath: pages)))
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
    // Of trafilatura, resiliparse and the plain rule of the main or article element, each kind's best.
    let best = [
      "article": 0.926, "documentation": 0.939, "forum": 0.760, "service": 0.798, "product": 0.670, "collection": 0.639,
      "listing": 0.615,
    ]
    for (kind, least) in best { #expect(kinds[kind] ?? 0 >= least, "\(kind)") }
  }
}
