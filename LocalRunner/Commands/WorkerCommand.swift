import ArgumentParser
import Contract
import Invoking
import Worker

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Perform queued jobs: analyses, requests to Stripe, notifications, erasures, purges.",
    discussion: """
      Queued analyses are those that were requested with "wait": false; each is an
      invocation of analyze. Analyses of Scale accounts come first, those of Free
      accounts last. Other jobs are performed at the same time, one after the other.
      Any number of workers may run; if one is killed, another takes over its jobs.
      `local-runner start` includes a worker.

        local-runner worker            # runs until it receives SIGINT or SIGTERM
        local-runner worker --drain    # runs until no job is due
      """)

  @Flag(help: "End when no job is due.")
  var drain = false

  @Option(help: "The number of analyses at a time.")
  var concurrency = Workers.defaultConcurrency

  func validate() throws {
    guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 64") }
  }

  func run() async throws {
    TerminationSignals.endProcess()
    let environment = try FunctionEnvironment.prepare()
    let programs = try FunctionEnvironment.programs(for: [.analyze])
    let signal = try await OneShotInvoker.withThreads(concurrency, programs, environment: environment) { invoker in
      let workers = try FunctionEnvironment.readingSettings {
        try Workers(invoker, Environment(environment), concurrency: concurrency, isDraining: drain)
      }
      if !drain { printError("waiting for jobs: \(workers.kinds.joined(separator: ", "))") }
      return try await ServiceRunner.run([workers])
    }
    if let signal { throw ExitStatus.signal(signal) }
  }
}
