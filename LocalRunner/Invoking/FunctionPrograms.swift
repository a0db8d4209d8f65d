package import Contract
import FoundationEssentials

/// The folder that contains the executables of the functions.
package struct FunctionPrograms: Sendable {
  private let folder: String

  /// Uses `FUNCTIONS_DIR`, or the folder of the running executable if that is not set.
  package init(_ environment: Environment) { folder = environment["FUNCTIONS_DIR"] ?? Self.runnerFolder }

  /// The folder of the running executable, with symbolic links resolved.
  package static var runnerFolder: String {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  package func path(of function: Function) -> String { "\(folder)/\(function.rawValue)" }

  package func contains(_ function: Function) -> Bool {
    FileManager.default.isExecutableFile(atPath: path(of: function))
  }

  /// Checks that functions can be started.
  ///
  /// - Throws: ``MissingProgram`` for the first function that has no executable.
  package func require(_ functions: [Function]) throws(MissingProgram) {
    for function in functions where !contains(function) { throw MissingProgram(path: path(of: function)) }
  }

  package struct MissingProgram: Error, CustomStringConvertible {
    let path: String
    package var description: String {
      "\(path) is missing; build it with `swift build -c release`, or set FUNCTIONS_DIR to the folder that contains it"
    }
  }
}
