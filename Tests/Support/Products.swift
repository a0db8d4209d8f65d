import FoundationEssentials

/// Where the programs are that the tests run.
package enum Products {
  /// `FUNCTIONS_DIR`, where the released programs lie, else the folder of the tests' own binary.
  package static let folder: String = {
    if let folder = ProcessInfo.processInfo.environment["FUNCTIONS_DIR"], !folder.isEmpty { return folder }
    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }()

  /// Whether they are built as they are shipped.
  package static let areReleased = folder.contains("/release")

  package static func path(of program: String) -> String { "\(folder)/\(program)" }

  /// The package's own folder.
  package static let package: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  package static func text(of path: String) throws -> String {
    try String(contentsOf: URL(filePath: "\(package)/\(path)"), encoding: .utf8)
  }
}
