import ArgumentParser
import Contract
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@main
struct LocalRunner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local-runner",
    abstract: "Analyze a website, write its llms.txt, and run the functions of the product.",
    discussion: """
      To write an llms.txt, one command is enough:

        local-runner llms https://example.com > llms.txt

      If DATABASE_URL is not set, an embedded PostgreSQL is created and started;
      `local-runner database stop` stops it.

      \(ExitStatus.list)
      """,
    version: "1.0.0",
    subcommands: [
      LLMSCommand.self, InvokeCommand.self, StartCommand.self, ReplayCommand.self, SampleCommand.self,
      InspectCommand.self,
      DatabaseCommand.self, AccountsCommand.self, KeysCommand.self, WorkerCommand.self, StripeCommand.self,
      DoctorCommand.self,
    ])

  static let _errorPrefix = "local-runner: "

  static func main() async {
    StandardOutput.openDescriptors()
    var arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["-v"] || arguments == ["version"] { arguments = ["--version"] }
    if let (problem, command) = UnknownCommand.find(in: arguments) { endWithUsageError(problem, of: command) }
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(arguments)
    } catch {
      endWithParserError(error)
    }
    do {
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(error, in: type(of: command))
    }
  }

  /// Reports an error of a command and ends the process.
  private static func end(_ error: any Error, in command: any ParsableCommand.Type) -> Never {
    switch error {
    case let error as ValidationError: endWithUsageError(error.message, of: command)
    case is ExitCode: exit(withError: error)
    // `--help` is an error that a command throws.
    case _ where [.success, .validationFailure].contains(exitCode(for: error)): endWithParserError(error)
    case let error as any FailureConvertible: end(error.failure)
    case let error as Failure: end(error)
    case let error as CocoaError:
      let path = unsafe error.userInfo["NSFilePath"] as? String ?? (unsafe error.userInfo["NSURL"] as? URL)?.path()
      let reason = (unsafe error.userInfo["NSUnderlyingError"] as? POSIXError).map {
        ": \(OutputFile.reason($0.code.rawValue))"
      }
      printFailure("\(path ?? "a file") cannot be read or written\(reason ?? "")")
      exit(withError: ExitStatus.writeFailed)
    default:
      printFailure("\(error)")
      exit(withError: ExitStatus.problem)
    }
  }

  /// Prints the requested help or version, or an error about the arguments.
  private static func endWithParserError(_ error: any Error) -> Never {
    if exitCode(for: error) == .success { exit(withError: error) }
    printError(fullMessage(for: error).withoutCredentials)
    exit(withError: ExitStatus.usage)
  }

  private static func end(_ failure: Failure) -> Never {
    printFailure(failure.message)
    exit(withError: ExitStatus.of(status: failure.code.status))
  }

  private static func endWithUsageError(_ message: String, of command: any ParsableCommand.Type) -> Never {
    let help = command == LocalRunner.self ? "" : " \(helpPath(of: command))"
    printFailure(message)
    printError("Usage: \(usageString(for: command).withoutCredentials)")
    printError("  See 'local-runner\(help) --help' for more information.")
    exit(withError: ExitStatus.usage)
  }

  /// The words that call a command, such as `inspect page`.
  private static func helpPath(of command: any ParsableCommand.Type) -> String {
    func path(from parent: any ParsableCommand.Type) -> [String]? {
      for child in parent.configuration.subcommands {
        if child == command { return [child._commandName] }
        if let rest = path(from: child) { return [child._commandName] + rest }
      }
      return nil
    }
    return path(from: LocalRunner.self)?.joined(separator: " ") ?? command._commandName
  }
}
