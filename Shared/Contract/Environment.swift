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

  /// A setting without which the operation cannot be served.
  ///
  /// - Throws: ``Failure/Code/unavailable``, naming the setting; it is the operator's to mend, not the caller's.
  package func required(_ name: String, for purpose: String) throws(Failure) -> String {
    guard let value = self[name] else {
      throw Failure(.unavailable, "\(name) is not set; \(purpose)", details: ["setting": name])
    }
    return value
  }
}
