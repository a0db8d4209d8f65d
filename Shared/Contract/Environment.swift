import FoundationEssentials

/// The settings of a process, read once at its start.
package struct Environment: Sendable {
  private let values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  package static func ofProcess() -> Environment { Environment(ProcessInfo.processInfo.environment) }

  /// A setting, or nil where it is missing or empty.
  package subscript(name: String) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    return value
  }

  /// The parts of a setting that is a list: separated by commas, spaces around them ignored.
  package func list(_ name: String) -> [String] {
    (self[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
  }
}
