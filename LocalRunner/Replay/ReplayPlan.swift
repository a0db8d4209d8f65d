import FoundationEssentials

/// The cases of a replay in an order in which each runs after the cases that store the values it uses.
///
/// A case uses `{{report}}` in its event, its settings or its expected response. The case that stores it has
/// `{{uuid:report}}` in its expected response. It is added to the plan if it was not selected.
package struct ReplayPlan: Sendable {
  package struct Step: Sendable, Equatable {
    package let fixture: FixtureCase
    /// False for a case that was added because another one needs its values. Its expected response is not updated.
    package let isSelected: Bool
  }

  package private(set) var steps: [Step] = []

  /// - Parameter selected: cases in the order in which they run unless one needs another.
  package init(_ selected: [FixtureCase]) throws {
    var builder = Builder(selected: Set(selected.map(\.eventPath)))
    for fixture in selected { try builder.add(fixture) }
    steps = builder.steps
  }

  private struct Builder {
    let selected: Set<String>
    var steps: [Step] = []
    private var visited: Set<String> = []
    /// The cases that store values, by the root of the fixtures and the name of the value.
    private var providers: [String: [String: FixtureCase]] = [:]

    init(selected: Set<String>) { self.selected = selected }

    mutating func add(_ fixture: FixtureCase) throws {
      // The case is marked first, so that cases that need each other do not repeat.
      guard visited.insert(fixture.eventPath).inserted else { return }
      let names = Placeholder.names(in: fixture.texts)
      if !names.isEmpty {
        let providers = try providers(beside: fixture)
        for name in names.sorted() { if let provider = providers[name] { try add(provider) } }
      }
      steps.append(Step(fixture: fixture, isSelected: selected.contains(fixture.eventPath)))
    }

    private mutating func providers(beside fixture: FixtureCase) throws -> [String: FixtureCase] {
      if let found = providers[fixture.root] { return found }
      var found: [String: FixtureCase] = [:]
      for candidate in try FixtureCase.find(fixture.root) {
        for name in Placeholder.storedNames(in: candidate.expectedText) where found[name] == nil {
          found[name] = candidate
        }
      }
      providers[fixture.root] = found
      return found
    }
  }
}

/// The placeholders in the files of a case, such as `{{report}}` and `{{uuid:report}}`.
enum Placeholder {
  static let types: Set<Substring> = ["uuid", "time", "number", "text"]

  /// The names of stored values that a text uses.
  static func names(in text: String) -> Set<String> {
    Set(all(in: text).filter { $0 != "site" && !$0.contains(":") && !types.contains($0) }.map(String.init))
  }

  /// The names under which an expected response stores values.
  static func storedNames(in text: String) -> Set<String> {
    Set(
      all(in: text).compactMap { placeholder in
        let parts = placeholder.split(separator: ":")
        return parts.count == 2 && types.contains(parts[0]) ? String(parts[1]) : nil
      })
  }

  /// The texts between double braces.
  static func all(in text: String) -> [Substring] {
    text.matches(of: /\{\{([a-z][A-Za-z0-9:_-]*)\}\}/).map(\.1)
  }
}
