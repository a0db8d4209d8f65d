import ArgumentParser
import Contract
import FoundationEssentials
import NIOPosix

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Invoke functions with recorded events, and show what differs from what was expected.",
    discussion: """
      An event in FUNCTION/CASE.json is sent to FUNCTION, and the response compared with FUNCTION/CASE.expected.json. Cases of
      one folder run in the order of their names. In both files {{site}} stands for the address of the sample site, which is
      served meanwhile; in what is expected {{uuid}}, {{time}}, {{number}} and {{text}} stand for any such value, and
      {{uuid:NAME}} also keeps it, for later events to use as {{NAME}}.

      Without DATABASE_URL each replay has an empty database of its own, so that what was used before counts against nothing.

      Ends with 1 where something differs.

        local-runner replay Events
        local-runner replay Events/generate --update
      """)

  @Argument(help: ArgumentHelp("Folders of events, or single events.", valueName: "path"))
  var paths: [String]

  @Flag(help: "Write what was answered as what is expected, ids, times and durations as patterns.")
  var update = false

  func run() async throws {
    RunningGroups.endOnSignals()
    let cases = try paths.flatMap(FixtureCase.find)
    guard !cases.isEmpty else {
      throw ValidationError("no events in \(paths.joined(separator: ", ")): FUNCTION/CASE.json is looked for")
    }
    var functions = FunctionProcess()
    let database = try RunnerDatabase.prepareScratch()
    defer { database.drop() }
    functions.environment["DATABASE_URL"] = database.url
    functions.environment["FETCH_ALLOW_NETWORKS"] = nil
    let (prepared, isUpdating) = (functions, update)
    let failures = Counter()
    try await SampleSite.serving { address in
      var replayer = Replayer(functions: prepared, site: address, isUpdating: isUpdating)
      for fixture in cases {
        let differences = try await NIOThreadPool.singleton.runIfActive { [replayer] in
          var local = replayer
          let found = try local.replay(fixture)
          return (local, found)
        }
        replayer = differences.0
        print("\(differences.1.isEmpty ? "ok      " : "DIFFERS ") \(fixture.function)/\(fixture.name)")
        for line in differences.1 { print("           \(line)") }
        if !differences.1.isEmpty { failures.increment() }
      }
    }
    print("\(cases.count - failures.value) of \(cases.count) as expected")
    if failures.value > 0 { throw ExitCode(1) }
  }
}
