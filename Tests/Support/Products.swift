import FoundationEssentials

/// The paths of the built programs and of the package's files.
package enum Products {
  /// The folder of the built programs: `FUNCTIONS_DIR` if set, otherwise the folder of the tests' binary.
  package static let folder: String = {
    if let folder = ProcessInfo.processInfo.environment["FUNCTIONS_DIR"], !folder.isEmpty { return folder }
    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }()

  /// Whether the programs are a release build.
  package static let isReleaseBuild = folder.contains("/release")

  /// True if `LONG=1` asks for the long forms of tests with random inputs and crowds.
  package static let isLongRun = !(ProcessInfo.processInfo.environment["LONG"] ?? "").isEmpty

  package static func path(of program: String) -> String { "\(folder)/\(program)" }

  /// The root folder of the package.
  package static let package: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// Reads a file of the package.
  ///
  /// - Parameter path: relative to the package's root.
  package static func text(of path: String) throws -> String {
    try String(contentsOf: URL(filePath: "\(package)/\(path)"), encoding: .utf8)
  }
}
