package import Contract
import FoundationEssentials

/// An event in a file, with files beside it that contain the expected response and settings.
package struct FixtureCase: Sendable, Equatable {
  package let function: Function
  package let name: String
  let eventPath: String

  package struct MissingPath: Error, CustomStringConvertible {
    let path: String
    package var description: String { "\(path) does not exist" }
  }

  /// The file with the expected response.
  var expectedPath: String { String(eventPath.dropLast(".json".count)) + ".expected.json" }

  /// The file with environment variables for this case only, one `NAME=value` in each line. It is optional.
  var environmentPath: String { String(eventPath.dropLast(".json".count)) + ".env" }

  /// The folder that contains the folders of the functions.
  var root: String {
    let folders = eventPath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    return folders.isEmpty ? "." : folders.joined(separator: "/")
  }

  /// The expected response, or an empty text if the file does not exist.
  var expectedText: String { Self.text(of: expectedPath) }

  /// The event, the settings and the expected response.
  var texts: String { Self.text(of: eventPath) + Self.text(of: environmentPath) + expectedText }

  private static func text(of path: String) -> String {
    (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
  }

  /// Finds the cases at or below a path. An event must be in a folder that is named after a function.
  ///
  /// - Returns: the cases in the order of their paths.
  package static func find(_ path: String) throws -> [FixtureCase] {
    let manager = FileManager.default
    var isFolder = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { throw MissingPath(path: path) }
    let files = isFolder ? try manager.subpathsOfDirectory(atPath: path).map { path + "/" + $0 } : [path]
    return files.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".expected.json") }.sorted().compactMap { file in
      let parts = file.split(separator: "/")
      guard parts.count >= 2, let function = Function(rawValue: String(parts[parts.count - 2])) else { return nil }
      return FixtureCase(
        function: function, name: String(parts[parts.count - 1].dropLast(".json".count)), eventPath: file)
    }
  }
}
