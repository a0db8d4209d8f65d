#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The settings of a process: its environment variables.
package struct Environment: Sendable {
  private let value: @Sendable (String) -> String?

  package init(_ values: [String: String]) { value = { values[$0] } }

  private init(value: @escaping @Sendable (String) -> String?) { self.value = value }

  /// The variables of this process.
  ///
  /// They are read one by one, because reading all of them with `ProcessInfo` takes 5 % of a cold start.
  package static func ofProcess() -> Environment {
    Environment { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
  }

  /// The value of a setting; nil if it is missing or empty.
  package subscript(name: String) -> String? {
    guard let value = value(name), !value.isEmpty else { return nil }
    return value
  }

  /// The items of a setting that is a list, separated by commas or spaces.
  package func list(_ name: String) -> [String] {
    (self[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
  }
}
