import ArgumentParser
import Contract
import FoundationEssentials
import Invoking
import RunnerDatabase

/// The environment variables that the runner passes to functions: its own, and `DATABASE_URL`.
enum FunctionEnvironment {
  /// Starts the embedded database if `DATABASE_URL` is not set.
  static func prepare() throws -> [String: String] { variables(database: try RunnerDatabase.prepare()) }

  /// - Parameter database: the value of `DATABASE_URL`.
  static func variables(database: String) -> [String: String] {
    var variables = ProcessInfo.processInfo.environment
    variables["DATABASE_URL"] = database
    // A deadline for the runner is not a deadline for its functions.
    variables["INVOCATION_DEADLINE_MS"] = nil
    // Only the command line uses it.
    variables["FETCH_PASSWORD"] = nil
    return variables
  }

  static func programs() -> FunctionPrograms { FunctionPrograms(.ofProcess()) }

  /// The executables, after a check that those of `functions` exist.
  static func programs(for functions: [Function]) throws -> FunctionPrograms {
    let programs = programs()
    do throws(FunctionPrograms.MissingProgram) {
      try programs.require(functions)
    } catch {
      throw ValidationError(error.description)
    }
    return programs
  }

  /// Runs `body`, which reads settings, and reports a setting that is wrong as an error in the usage of the command.
  static func readingSettings<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let failure as Failure {
      throw ValidationError(failure.message)
    }
  }
}
