import FoundationEssentials
import Support

/// The output of `swift package describe --type json`.
struct PackageDescription: Decodable, Sendable {
  struct Target: Decodable, Sendable {
    let name: String
    /// `library`, `executable`, `test` or `system-target`.
    let type: String
    let path: String
    /// Targets of this package that the target may import.
    var targetDependencies: [String]?
    /// Products of other packages that the target may import.
    let productDependencies: [String]?

    private enum CodingKeys: String, CodingKey {
      case name
      case type
      case path
      case targetDependencies = "target_dependencies"
      case productDependencies = "product_dependencies"
    }

    var dependencies: [String] { (targetDependencies ?? []) + (productDependencies ?? []) }
  }

  var targets: [Target]

  static let current = Result { try load() }

  private static func load() throws -> PackageDescription {
    // `swift test` locks the folder .build, so this uses a folder of its own.
    let scratch = "/tmp/llmtxt-describe-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let outcome = try Command(
      "swift", ["package", "--package-path", Products.package, "--scratch-path", scratch, "describe", "--type", "json"]
    ).runBlocking()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
    return try JSONDecoder().decode(PackageDescription.self, from: Data(outcome.bytes))
  }

  /// The dependencies of every target except tests and C libraries.
  var imports: [String: Set<String>] {
    let targets = targets.filter { $0.type != "test" && $0.type != "system-target" }
    return Dictionary(uniqueKeysWithValues: targets.map { ($0.name, Set($0.dependencies)) })
  }

  /// The names of the features, which are the targets in the folder `Shared/Features`.
  var features: Set<String> { Set(targets.filter { $0.path.hasPrefix("Shared/Features/") }.map(\.name)) }

  /// All targets and products that a target depends on, directly or through another target.
  func closure(of target: String) -> Set<String> {
    var reached: Set<String> = []
    var open = [target]
    while let name = open.popLast() {
      for dependency in targets.first(where: { $0.name == name })?.dependencies ?? []
      where reached.insert(dependency).inserted { open.append(dependency) }
    }
    return reached
  }

  /// A copy in which a target depends on one more target.
  func adding(_ dependency: String, to target: String) -> PackageDescription {
    var copy = self
    for index in copy.targets.indices where copy.targets[index].name == target {
      copy.targets[index].targetDependencies = (copy.targets[index].targetDependencies ?? []) + [dependency]
    }
    return copy
  }
}
