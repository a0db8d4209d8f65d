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
      site, which is served during the replay. In the expected response {{uuid}},
      {{time}}, {{number}} and {{text}} match any value of that type; {{uuid:NAME}}
      also stores the value, which replaces {{NAME}} in later events.

      If DATABASE_URL is not set, each replay uses an empty database, so that
      earlier usage does not count against limits.

      The exit status is 1 if a response differs.

        local-runner replay Events
        local-runner replay Events/generate --update
      """)

  @Argument(help: ArgumentHelp("Folders of events, or single events.", valueName: "path"))
  var paths: [String]

  @Flag(help: "Write the responses as expected ones, with patterns for ids, times and durations.")
  var update = false

  func run() async throws {
    TerminationSignals.endProcess()
    let cases = try findCases()
    let database = try RunnerDatabase.prepareScratch()
    defer { database.drop() }
    let environment = FunctionEnvironment.variables(database: database.url)
    let (programs, isUpdating) = (FunctionEnvironment.programs(), update)
    let different = Counter()
    try await SampleSite.serving { site in
      var replayer = Replayer(site: site, isUpdating: isUpdating) { variables in
        OneShotInvoker(programs, environment: environment.merging(variables) { $1 })
      }
      for fixture in cases {
        let differences = try await replayer.replay(fixture)
        print("\(differences.isEmpty ? "ok      " : "DIFFERS ") \(fixture.function)/\(fixture.name)")
        for line in differences { print("           \(line)") }
        if !differences.isEmpty { different.increment() }
      }
    }
    print("\(cases.count - different.value) of \(cases.count) as expected")
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
