#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The settings of a process.
package struct Environment: Sendable {
  private let value: @Sendable (String) -> String?

  package init(_ values: [String: String]) { value = { values[$0] } }

  private init(value: @escaping @Sendable (String) -> String?) { self.value = value }

  /// Read one by one: all of them, by way of `ProcessInfo`, take a twentieth of a cold start.
  package static func ofProcess() -> Environment {
    Environment { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
  }

  /// A setting, or nil where it is missing or empty.
  package subscript(name: String) -> String? {
    guard let value = value(name), !value.isEmpty else { return nil }
    return value
  }

  /// The parts of a setting that is a list: separated by commas, spaces around them ignored.
  package func list(_ name: String) -> [String] {
    (self[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
  }
}
