import Contract
import FoundationEssentials
import Support
import Testing

/// The size of the released functions, and the libraries that they load.
@Suite(.enabled(if: Products.isReleaseBuild, "needs release builds of the functions in FUNCTIONS_DIR"))
struct ProgramTests {
  /// The runtime and Foundation are linked statically. Only libxml2 loads ICU.
  private static let forbiddenInAll = ["libFoundation", "libswiftCore", "lib_FoundationICU"]

  /// A larger function links ICU.
  @Test(arguments: Function.allCases)
  func strippedFunctionIsSmallerThan20Megabytes(function: Function) async throws {
    let stripped = "/tmp/llmtxt-stripped-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: stripped) }
    let outcome = try await Command("strip", ["-o", stripped, Products.path(of: function.rawValue)]).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let size = try #require(try FileManager.default.attributesOfItem(atPath: stripped)[.size] as? UInt64)
    #expect(size < 20_000_000)
  }

  @Test(arguments: [
    (Function.usage, ["libpq", "libcrypto"], ["libcurl", "libxml2", "libicuuc"]),
    (.webhook, ["libpq", "libcrypto"], ["libcurl", "libxml2", "libicuuc"]),
    (.checkout, ["libpq", "libcurl"], ["libxml2", "libicuuc"]),
    (.analyze, ["libpq", "libcurl", "libxml2"], []),
    (.generate, ["libpq", "libcurl", "libxml2"], []),
  ])
  func functionLoadsOnlyItsLibraries(function: Function, needed: [String], forbidden: [String]) async throws {
    let libraries = try await Command("ldd", [Products.path(of: function.rawValue)]).run().output
    #expect(Self.violations(libraries, needed: needed, forbidden: forbidden).isEmpty)
    // The same check fails if one of the needed libraries is forbidden.
    #expect(Self.violations(libraries, needed: [], forbidden: needed).count == needed.count)
  }

  private static func violations(_ libraries: String, needed: [String], forbidden: [String]) -> [String] {
    needed.filter { !libraries.contains($0 + ".so") }.map { "does not load \($0)" }
      + (forbidden + forbiddenInAll).filter(libraries.contains).map { "loads \($0)" }
  }
}
