import ArgumentParser

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Do what was queued: analyses, questions to Stripe, messages to your endpoints, erasures, purges.",
    discussion: """
      Analyses are those that were asked for with "wait": false; each is an invocation of analyze. Those of Scale accounts come first and
      those of Free accounts last; beside them the other jobs are done, one at a time. Any number of workers may run, and one that is killed
      leaves its jobs to the next. `local-runner start` runs one within.

        local-runner worker            # until it is told to end
        local-runner worker --drain    # until nothing is due
      """)

  @Flag(help: "End once nothing is due.")
  var drain = false

  @Option(help: "Analyses at a time.")
  var concurrency = Workers.usualConcurrency

  func validate() throws {
    guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 64") }
  }

  func run() async throws {
    RunningGroups.endOnSignals()
    var functions = FunctionProcess()
    functions.environment["DATABASE_URL"] = try RunnerDatabase.prepare()
    let workers = try Workers(functions, concurrency: concurrency)
    if !drain { say("waiting for jobs: \(workers.kinds.joined(separator: ", "))") }
    try await workers.run(isDraining: drain)
  }
}
