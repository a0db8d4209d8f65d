import Accounts
import ArgumentParser
import Contract
import FoundationEssentials
import Invoking
import Postgres
import RunnerDatabase

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation, the database and the settings, and suggest fixes.",
    discussion: """
      It changes nothing. The exit status is 1 if there is a problem.

        local-runner doctor
        local-runner doctor --settings    # documents the settings
      """)

  @Flag(help: "Print a Markdown table of all settings instead, with their purposes and defaults.")
  var settings = false

  func run() throws {
    if settings {
      try StandardOutput.printLine(Setting.table)
      return
    }
    let checks = functions() + database() + settingChecks()
    for check in checks {
      try StandardOutput.printLine("\(check.isGood ? "ok     " : "PROBLEM")  \(check.subject): \(check.finding)")
      if let advice = check.advice { try StandardOutput.printLine("         → \(advice)") }
    }
    if checks.contains(where: { !$0.isGood }) { throw ExitStatus.problem }
  }

  private struct Check {
    let isGood: Bool
    let subject: String
    let finding: String
    var advice: String?
  }

  private func functions() -> [Check] {
    let programs = FunctionEnvironment.programs()
    return Function.allCases.map { function in
      programs.contains(function)
        ? Check(isGood: true, subject: "function \(function)", finding: programs.path(of: function))
        : Check(
          isGood: false, subject: "function \(function)", finding: "missing at \(programs.path(of: function))",
          advice: "run `swift build -c release --static-swift-stdlib`, or set FUNCTIONS_DIR to its folder")
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
            finding: "not set; the embedded database is used, with the programs in \(embedded.programs)"))
        guard embedded.isRunning else {
          checks.append(
            Check(isGood: true, subject: "database", finding: "stopped; the next command that needs it starts it"))
          return checks
        }
        url = embedded.url
      } catch {
        return [Check(isGood: false, subject: "database", finding: "not available", advice: error.description)]
      }
    }
    do {
      let statuses = try Migrator(Feature.all.migrations, Database(url: url)).status(
        by: .now.advanced(by: .seconds(5)))
      let missing = statuses.count { !$0.isApplied }
      checks.append(
        missing == 0
          ? Check(isGood: true, subject: "database", finding: "reachable, with all \(statuses.count) migrations")
          : Check(
            isGood: false, subject: "database",
            finding: "reachable, but \(missing) of \(statuses.count) migrations are missing",
            advice: "run `local-runner database migrate`"))
    } catch {
      checks.append(
        Check(
          isGood: false, subject: "database", finding: error.message,
          advice: "check DATABASE_URL, and whether the server is running"))
    }
    return checks
  }

  private func settingChecks() -> [Check] {
    SettingsCheck(.ofProcess()).findings().map {
      Check(isGood: $0.advice == nil, subject: $0.setting, finding: $0.state, advice: $0.advice)
    }
  }
}
