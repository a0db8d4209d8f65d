import ArgumentParser
import Contract
import FoundationEssentials
import Postgres

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is installed, reachable and configured, and what to do about the rest.",
    discussion: "Changes nothing. Ends with 1 where something is missing that the functions need.")

  func run() throws {
    let checks = functions() + database() + settings()
    for check in checks {
      print("\(check.isGood ? "ok     " : "PROBLEM")  \(check.subject): \(check.finding)")
      if let advice = check.advice { print("         → \(advice)") }
    }
    if checks.contains(where: { !$0.isGood }) { throw ExitCode(1) }
  }

  private struct Check {
    let isGood: Bool
    let subject: String
    let finding: String
    var advice: String?
  }

  private func functions() -> [Check] {
    let process = FunctionProcess()
    return FunctionProcess.names.map { name in
      process.exists(name)
        ? Check(isGood: true, subject: "function \(name)", finding: process.path(of: name))
        : Check(
          isGood: false, subject: "function \(name)", finding: "missing at \(process.path(of: name))",
          advice: "swift build -c release --static-swift-stdlib, or set FUNCTIONS_DIR to where it lies")
    }
  }

  private func database() -> [Check] {
    var checks: [Check] = []
    let environment = Environment.ofProcess()
    let url: String
    if let configured = environment["DATABASE_URL"] {
      url = configured
    } else {
      do {
        let embedded = try EmbeddedDatabase()
        checks.append(
          Check(
            isGood: true, subject: "DATABASE_URL",
            finding: "not set, so the embedded database is used, of \(embedded.programs)"))
        guard embedded.isRunning else {
          checks.append(
            Check(isGood: true, subject: "database", finding: "stopped; the next command that needs it starts it"))
          return checks
        }
        url = embedded.url
      } catch {
        return [Check(isGood: false, subject: "database", finding: "there is none", advice: error.description)]
      }
    }
    do {
      let statuses = try Migrator(RunnerDatabase.migrations, Database(url: url)).status(
        by: .now.advanced(by: .seconds(5)))
      let missing = statuses.count { !$0.isApplied }
      checks.append(
        missing == 0
          ? Check(isGood: true, subject: "database", finding: "reachable, with all \(statuses.count) migrations")
          : Check(
            isGood: false, subject: "database",
            finding: "reachable, but \(missing) of \(statuses.count) migrations are missing",
            advice: "local-runner database migrate"))
    } catch {
      checks.append(
        Check(
          isGood: false, subject: "database", finding: error.message,
          advice: "check DATABASE_URL, and that the server runs"))
    }
    return checks
  }

  private func settings() -> [Check] {
    SettingsCheck(.ofProcess()).findings().map {
      Check(isGood: $0.advice == nil, subject: $0.setting, finding: $0.state, advice: $0.advice)
    }
  }
}
