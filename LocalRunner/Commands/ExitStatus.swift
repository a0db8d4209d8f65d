import ArgumentParser
import Contract
import Invoking

/// The exit statuses of the runner's commands.
enum ExitStatus {
  /// 0 for an HTTP status below 400, 4 for 4xx, 5 for 5xx.
  static func of(_ response: Response) -> ExitCode { of(status: response.status) }

  static func of(status: Int) -> ExitCode { ExitCode(status < 400 ? 0 : status < 500 ? 4 : 5) }

  /// A function crashed or did not respond, or a command could not do its work (`EX_SOFTWARE` in sysexits.h).
  static let crashed = ExitCode(70)

  /// A command that compares or checks found a problem.
  static let problem = ExitCode(1)

  /// The process ends because of a signal.
  static func signal(_ number: Int32) -> ExitCode { ExitCode(128 + number) }
}

/// Prints an error of a command.
func printFailure(_ message: String) { printError("local-runner: \(message)") }
