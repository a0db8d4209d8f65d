import FoundationEssentials
import Support
import Testing

/// The folders of the package and the layout of its source text.
struct LayoutTests {
  @Test("The root folder contains only the entries that the design names")
  func rootFolderHasOnlyKnownEntries() throws {
    let entries = try FileManager.default.contentsOfDirectory(atPath: Products.package)
    #expect(Self.unknownEntries(entries).isEmpty)
    #expect(Self.unknownEntries([".github", "Shared", "Common"]) == ["Common"])
  }

  private static func unknownEntries(_ entries: [String]) -> [String] {
    let known: Set<String> = [
      "Dockerfile", "Events", "Functions", "LocalRunner", "Package.resolved", "Package.swift", "README.md", "Shared",
      "Tests",
    ]
    return entries.filter { !$0.hasPrefix(".") && !known.contains($0) }
  }

  /// The generated file disables the formatter itself.
  @Test("`swift format lint --strict` accepts all sources")
  func sourcesAreFormatted() async throws {
    let outcome = try await lint(
      ["-r"] + ["Package.swift", "Functions", "Shared", "LocalRunner", "Tests"].map { "\(Products.package)/\($0)" })
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test func badlyFormattedFileIsReported() async throws {
    let path = "/tmp/llmtxt-format-\(UUID().uuidString).swift"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("let a = 1;let b=2\n".utf8).write(to: URL(filePath: path))
    #expect(try await lint([path]).status != 0)
  }

  private func lint(_ arguments: [String]) async throws -> Command.Outcome {
    let configuration = "\(Products.package)/.swift-format"
    return try await Command("swift", ["format", "lint", "--strict", "--configuration", configuration] + arguments)
      .run()
  }
}
