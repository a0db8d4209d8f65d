import Support
import Testing

/// Rules for the imports of targets, and a check of each rule on a package that violates it.
struct ImportTests {
  private let package: PackageDescription

  init() throws { package = try PackageDescription.current.get() }

  // MARK: The table

  @Test("Package.swift declares the imports of the table AllowedImports")
  func manifestEqualsTable() {
    let differences = Self.differences(package.imports, AllowedImports.table)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test func addedImportIsReported() {
    let changed = package.adding("Billing", to: "Validation")
    #expect(
      Self.differences(changed.imports, AllowedImports.table) == ["Validation imports Billing; the table lacks it"])
  }

  @Test func removedTableEntryIsReported() {
    var table = AllowedImports.table
    table["Jobs"] = nil
    table["Documents"]?.remove("Notifications")
    #expect(
      Self.differences(package.imports, table) == [
        "Documents imports Notifications; the table lacks it", "the table has no target Jobs",
      ])
  }

  @Test func unusedTableEntryIsReported() {
    var table = AllowedImports.table
    table["Fetch"]?.insert("Postgres")
    table["Gone"] = []
    #expect(
      Self.differences(package.imports, table) == [
        "Fetch does not import Postgres; remove it from the table",
        "Gone is not a target; remove it from the table",
      ])
  }

  private static func differences(_ imports: [String: Set<String>], _ table: [String: Set<String>]) -> [String] {
    var differences: [String] = []
    for name in Set(imports.keys).union(table.keys).sorted() {
      guard let allowed = table[name] else {
        differences.append("the table has no target \(name)")
        continue
      }
      guard let used = imports[name] else {
        differences.append("\(name) is not a target; remove it from the table")
        continue
      }
      differences += used.subtracting(allowed).sorted().map { "\(name) imports \($0); the table lacks it" }
      differences += allowed.subtracting(used).sorted().map {
        "\(name) does not import \($0); remove it from the table"
      }
    }
    return differences
  }

  // MARK: The sources

  /// SwiftPM also lets a target import the dependencies of its dependencies. Here each target declares all its imports.
  @Test func importLinesEqualTheManifest() throws {
    for target in package.targets where target.type != "system-target" {
      let imported = try Self.importedModules(SwiftSource.all(below: target.path))
      #expect(
        imported == Set(target.dependencies),
        "\(target.name) imports \(imported.sorted()) and declares \(target.dependencies.sorted())")
    }
  }

  @Test func importLinesAreFoundWithEveryModifier() {
    let source = SwiftSource(
      "a.swift",
      """
      import FoundationEssentials
      package import Postgres
      @testable import Jobs
      // import Web
      let text = "import Fetch"
      """)
    #expect(Self.importedModules([source]) == ["Jobs", "Postgres"])
  }

  private static func importedModules(_ sources: [SwiftSource]) -> Set<String> {
    let platform: Set<String> = ["FoundationEssentials", "Glibc", "Musl", "Synchronization", "Testing"]
    var modules: Set<String> = []
    for source in sources {
      for (keyword, module) in zip(source.tokens, source.tokens.dropFirst()) where keyword.text == "import" {
        modules.insert(module.text)
      }
    }
    return modules.subtracting(platform)
  }

  // MARK: Layers

  @Test("A feature imports only features before it in the order of features")
  func featuresImportEarlierFeatures() {
    #expect(Set(AllowedImports.featureOrder) == package.features)
    #expect(Self.orderViolations(package).isEmpty)
  }

  @Test func importOfALaterFeatureIsReported() {
    #expect(Self.orderViolations(package.adding("Documents", to: "Crawling")) == ["Crawling imports Documents"])
  }

  private static func orderViolations(_ package: PackageDescription) -> [String] {
    let order = AllowedImports.featureOrder
    return order.enumerated().flatMap { position, feature in
      order[position...].filter { package.imports[feature]?.contains($0) == true }.map { "\(feature) imports \($0)" }
    }
  }

  @Test("Code in Shared that is not a feature imports no feature")
  func librariesImportNoFeature() { #expect(Self.libraryViolations(package).isEmpty) }

  @Test func importOfAFeatureByALibraryIsReported() {
    #expect(Self.libraryViolations(package.adding("Usage", to: "Limits")).contains("Limits imports Usage"))
  }

  private static func libraryViolations(_ package: PackageDescription) -> [String] {
    package.targets.filter { $0.path.hasPrefix("Shared/") && !package.features.contains($0.name) }.flatMap { library in
      package.closure(of: library.name).intersection(package.features).sorted().map { "\(library.name) imports \($0)" }
    }
  }

  // MARK: Functions

  @Test("`usage` and `webhook` use no language model and no fetcher; only `analyze` and `generate` use libxml2")
  func functionsReachOnlyTheirLibraries() { #expect(Self.functionViolations(package).isEmpty) }

  @Test func importOfAModelByUsageIsReported() {
    #expect(Self.functionViolations(package.adding("LanguageModel", to: "Metering")).contains("usage: LanguageModel"))
    #expect(Self.functionViolations(package.adding("Models", to: "webhook")).contains("webhook: Models"))
    #expect(Self.functionViolations(package.adding("Web", to: "Billing")) == ["checkout: CXML", "webhook: CXML"])
  }

  private static func functionViolations(_ package: PackageDescription) -> [String] {
    let forbidden: [(function: String, targets: Set<String>)] = [
      ("checkout", ["CXML"]),
      ("usage", ["CCurl", "CXML", "LanguageModel", "Models"]),
      ("webhook", ["CCurl", "CXML", "LanguageModel", "Models"]),
    ]
    return forbidden.flatMap { function, targets in
      package.closure(of: function).intersection(targets).sorted().map { "\(function): \($0)" }
    }
  }
}
