import ArgumentParser
import Contract
import Invoking
import Replay
import RunnerDatabase
import SampleSite

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Invoke functions with recorded events and compare the responses with the expected ones.",
    discussion: """
      The event in FUNCTION/CASE.json is sent to FUNCTION, and the response is
      compared with FUNCTION/CASE.expected.json. The cases of a folder run in the
      order of their names. In both files {{site}} is the address of the sample
      documentation, and {{site:shop}} that of another sample site; see
      local-runner sample --help. In the expected response {{uuid}}, {{time}},
      {{number}} and {{text}} match any value of that type; {{uuid:NAME}} also
      stores the value, which replaces {{NAME}} in later events. A case that
      stores a value runs before the cases that use it, even if it was not
      selected.

      If DATABASE_URL is not set, each replay uses an empty database, so that
      earlier usage does not count against limits.

      The exit status is 1 if a response differs and was not updated.

        local-runner replay Events
        local-runner replay Events/generate --update
      """)

  @Argument(help: ArgumentHelp("Folders of events, or single events.", valueName: "path"))
  var paths: [String]

  @Flag(help: "Write the responses as expected ones, with patterns for ids, times and durations.")
  var update = false

  @Flag(help: "With --update, also write an error in place of a success.")
  var force = false

  func validate() throws {
    guard update || !force else { throw ValidationError("--force needs --update") }
  }

  func run() async throws {
    TerminationSignals.endProcess()
    let plan = try ReplayPlan(findCases())
    let database = try RunnerDatabase.prepareScratch()
    defer { database.drop() }
    let environment = FunctionEnvironment.variables(database: database.url)
    let programs = FunctionEnvironment.programs()
    let mode: Replayer.Update = update ? force ? .always : .successes : .never
    let (different, updated) = (Counter(), Counter())
    try await SampleSite.serving(all: SampleSite.allCases) { sites in
      let names = sites.map { ($0 == .documentation ? "site" : "site:\($0.rawValue)", $1) }
      var replayer = Replayer(sites: Dictionary(uniqueKeysWithValues: names), update: mode) { variables in
        OneShotInvoker(programs, environment: environment.merging(variables) { $1 })
      }
      for step in plan.steps {
        let (label, lines): (String, [String])
        switch try await replayer.replay(step) {
        case .same: (label, lines) = ("ok      ", [])
        case .updated(let changes):
          (label, lines) = ("updated ", changes)
          updated.increment()
        case .different(let differences):
          (label, lines) = ("DIFFERS ", differences)
          different.increment()
        }
        try StandardOutput.printLine(
          "\(label) \(step.fixture.function)/\(step.fixture.name)\(step.isSelected ? "" : " (needed by others)")")
        for line in lines { try StandardOutput.printLine("           \(line)") }
      }
    }
    let count = plan.steps.count
    try StandardOutput.printLine(
      "\(count - different.value - updated.value) of \(count) as expected"
        + (update ? ", \(updated.value) updated" : ""))
    if different.value > 0 { throw ExitStatus.problem }
  }

  private func findCases() throws -> [FixtureCase] {
    let cases: [FixtureCase]
    do {
      cases = try paths.flatMap(FixtureCase.find)
    } catch let error as FixtureCase.MissingPath {
      throw ValidationError(error.description)
    }
    guard !cases.isEmpty else {
      throw ValidationError(
        "there are no events in \(paths.joined(separator: ", ")); an event is a file FUNCTION/CASE.json")
    }
    return cases
  }
}
