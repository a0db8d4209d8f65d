import ArgumentParser
import Contract
import Invoking

/// The exit statuses of the runner's commands. The numbers from 64 on are those of sysexits.h.
enum ExitStatus {
  /// 0 for an HTTP status below 400, 4 for 4xx, 5 for 5xx.
  static func of(_ response: Response) -> ExitCode { of(status: response.status) }

  static func of(status: Int) -> ExitCode { ExitCode(status < 400 ? 0 : status < 500 ? 4 : 5) }

  /// A command that compares or checks found a problem, or failed for a reason that has no status of its own.
  static let problem = ExitCode(1)

  /// The arguments are wrong (`EX_USAGE`).
  static let usage = ExitCode(64)

  /// A function crashed or did not respond, or a command could not do its work (`EX_SOFTWARE`).
  static let crashed = ExitCode(70)

  /// The output file cannot be created (`EX_CANTCREAT`).
  static let cannotCreate = ExitCode(73)

  /// Writing the output failed (`EX_IOERR`).
  static let writeFailed = ExitCode(74)

  /// The process ends because of a signal.
  static func signal(_ number: Int32) -> ExitCode { ExitCode(128 + number) }

  /// The list for the help of a command.
  static let list = """
    Exit status:

      0    success
      1    a check or comparison found a problem, or the command failed
      4    refused, for example by robots.txt, or for a private address
      5    the site does not answer, or has no page that can be used
      64   wrong arguments
      70   a function crashed
      73   the output file cannot be created
      74   the output cannot be written, for example because the disk is full
      130  interrupted with Ctrl-C; 128 plus the number of any other signal
    """
}

/// Prints an error of a command. A name and password in a URL are left out.
func printFailure(_ message: String) { printError("local-runner: \(message.withoutCredentials)") }

/// Prints something that the user should know, although the command succeeds.
func printWarning(_ message: String) { printFailure("warning: \(message)") }
