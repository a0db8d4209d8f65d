import ArgumentParser
import FoundationEssentials
import Synchronization

/// An event in a file, and the file beside it that says what is expected.
struct FixtureCase: Sendable {
  let function: String
  let name: String
  let eventPath: String

  var expectedPath: String { String(eventPath.dropLast(".json".count)) + ".expected.json" }
  /// Environment for this case alone, where it needs some: `NAME=value` lines.
  var environmentPath: String { String(eventPath.dropLast(".json".count)) + ".env" }

  /// The cases at or below a path, by function and then by name.
  static func find(_ path: String) throws -> [FixtureCase] {
    let manager = FileManager.default
    var isFolder = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ValidationError("\(path) does not exist")
    }
    let files = isFolder ? try manager.subpathsOfDirectory(atPath: path).map { path + "/" + $0 } : [path]
    return files.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".expected.json") }.sorted().compactMap { file in
      let parts = file.split(separator: "/")
      guard parts.count >= 2 || !isFolder, FunctionProcess.names.contains(String(parts.dropLast().last ?? "")) else {
        return nil
      }
      return FixtureCase(
        function: String(parts[parts.count - 2]), name: String(parts.last!.dropLast(".json".count)), eventPath: file)
    }
  }
}

/// Counts across tasks.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}
