import FoundationEssentials
import Support
import Testing

/// The rules of the house that no compiler checks.
struct HouseTests {
  // MARK: Arrows

  /// SwiftPM lets a target import what its dependencies depend on; here each names all that it imports.
  @Test func everyTargetImportsWhatItDeclaresAndNothingElse() throws {
    let manifest = try Products.text(of: "Package.swift")
    let platform: Set<String> = [
      "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Testing", "PackageDescription",
    ]
    let targets = Self.targets(in: manifest)
    #expect(targets.count > 15, "the manifest was not understood")
    for target in targets {
      let used = try Self.imports(below: target.path).subtracting(platform)
      #expect(
        used == target.dependencies,
        "\(target.name) imports \(used.sorted()) and declares \(target.dependencies.sorted())")
    }
  }

  private struct Target {
    let name: String
    let path: String
    let dependencies: Set<String>
  }

  private static func targets(in manifest: String) -> [Target] {
    var targets: [Target] = []
    let uniform = manifest.replacing(".executableTarget(", with: ".target(").replacing(".testTarget(", with: ".target(")
    for piece in uniform.split(separator: ".target(").dropFirst() {
      let text = piece.split(separator: "\n\n").first.map(String.init) ?? ""
      guard let name = quoted(after: "name: ", in: text), let path = quoted(after: "path: ", in: text) else { continue }
      var dependencies: Set<String> = []
      if let open = text.firstRange(of: "dependencies: [") {
        var list = String(text[open.upperBound...].prefix { $0 != "]" })
        // `.product(name: "X", package: "y")` counts as X.
        while let package = list.firstRange(of: ", package: ") {
          list.removeSubrange(package.lowerBound..<(list[package.upperBound...].firstIndex(of: ")") ?? list.endIndex))
        }
        dependencies = Set(
          list.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter {
            !$0.offset.isMultiple(of: 2)
          }.map { String($0.element) })
      }
      targets.append(Target(name: name, path: path, dependencies: dependencies))
    }
    return targets
  }

  private static func quoted(after mark: String, in text: String) -> String? {
    guard let range = text.firstRange(of: mark + "\"") else { return nil }
    return String(text[range.upperBound...].prefix { $0 != "\"" })
  }

  private static func imports(below path: String) throws -> Set<String> {
    var modules: Set<String> = []
    for file in try swiftFiles(below: path) {
      for line in try Products.text(of: file).split(separator: "\n") {
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first, ["package", "public", "internal", "@testable"].contains(first) {
          words.removeFirst()
        }
        if words.count == 2, words[0] == "import" { modules.insert(words[1]) }
      }
    }
    return modules
  }

  private static func swiftFiles(below path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(Products.package)/\(path)").filter { $0.hasSuffix(".swift") }
      .map { "\(path)/\($0)" }
  }

  // MARK: Rooms

  @Test func theTopHoldsWhatTheDesignNames() throws {
    let named: Set<String> = [
      "Package.swift", "Functions", "Shared", "Tests", "LocalRunner", "Events", "README.md", "Dockerfile",
      "Package.resolved",
    ]
    let visible = try FileManager.default.contentsOfDirectory(atPath: Products.package).filter { !$0.hasPrefix(".") }
    #expect(Set(visible).subtracting(named).isEmpty)
  }

  @Test func wiringStaysUnderThirtyLines() throws {
    for file in try Self.swiftFiles(below: "Functions") {
      #expect(try Products.text(of: file).split(separator: "\n").count < 30, "\(file)")
    }
  }

  @Test func noFileOutgrowsItsRoom() throws {
    // What a program wrote nobody reads.
    for file in try Self.swiftFiles(below: "Shared") + Self.swiftFiles(below: "LocalRunner")
    where !file.hasSuffix("+Learned.swift") {
      #expect(
        try Products.text(of: file).split(separator: "\n", omittingEmptySubsequences: false).count <= 400, "\(file)")
    }
  }

  /// Foundation brings ICU, and with it milliseconds to every start.
  @Test func nothingImportsFoundation() throws {
    for file in try ["Shared", "Functions", "LocalRunner", "Tests"].flatMap(Self.swiftFiles) {
      #expect(
        !(try Products.text(of: file)).split(separator: "\n").contains { $0.hasSuffix("import Foundation") }, "\(file)")
    }
  }

  @Test func whatIsOutsideOfFeaturesIsBlindToTheProduct() throws {
    for file in try Self.swiftFiles(below: "Shared") where !file.hasPrefix("Shared/Features/") {
      let text = try Products.text(of: file).lowercased()
      // Stripe has subscriptions, whoever asks it.
      for word in ["coffee", "growth plan", "llms.txt"] + (file.hasPrefix("Shared/Stripe/") ? [] : ["subscription"]) {
        #expect(!text.contains(word), "\(file) says \(word)")
      }
    }
  }

  // MARK: Programs

  private static let areReleased: Bool = Products.areReleased

  /// A binary over this, stripped, has pulled in ICU.
  @Test(
    .enabled(if: areReleased, "needs the released programs: FUNCTIONS_DIR"),
    arguments: ["analyze", "generate", "usage"])
  func aFunctionStaysSmall(name: String) async throws {
    let stripped = "/tmp/llmtxt-stripped-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: stripped) }
    let outcome = try await Command("strip", ["-o", stripped, Products.path(of: name)]).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let size = try #require(try FileManager.default.attributesOfItem(atPath: stripped)[.size] as? UInt64)
    #expect(size < 20_000_000)
  }

  @Test(
    .enabled(if: areReleased, "needs the released programs: FUNCTIONS_DIR"),
    arguments: [
      ("usage", ["libpq", "libcrypto"], ["libcurl", "libxml2", "libicuuc"]),
      ("webhook", ["libpq", "libcrypto"], ["libcurl", "libxml2", "libicuuc"]),
      ("checkout", ["libpq", "libcurl"], ["libxml2", "libicuuc"]), ("analyze", ["libpq", "libcurl", "libxml2"], []),
      ("generate", ["libpq", "libcurl", "libxml2"], []),
    ])
  func aFunctionLinksOnlyItsLibraries(name: String, needed: [String], forbidden: [String]) async throws {
    let libraries = try await Command("ldd", [Products.path(of: name)]).run().output
    for library in needed { #expect(libraries.contains(library + ".so"), "\(name) without \(library)") }
    for library in forbidden + ["libFoundation", "libswiftCore", "lib_FoundationICU"] {
      #expect(!libraries.contains(library), "\(name) with \(library)")
    }
  }
}
