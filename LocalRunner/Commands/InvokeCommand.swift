import ArgumentParser
import Contract
import FoundationEssentials
import NIOPosix

struct InvokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Run a function once with an event, as a platform would.",
    discussion: """
      Prints the response as one line of JSON. Ends with 0 for a status below 400, 4 for 4xx, 5 for 5xx, 70 where the
      function crashed.

        local-runner invoke usage Events/usage/health.json
        local-runner invoke analyze --body '{"url":"https://example.com"}'
        echo '{"url":"https://example.com"}' | local-runner invoke analyze
      """)

  @Argument(help: ArgumentHelp("One of \(FunctionProcess.names.joined(separator: ", ")).", valueName: "function"))
  var function: String

  @Argument(help: ArgumentHelp("The event's file; - or nothing for stdin.", valueName: "event.json"))
  var event: String?

  @Option(
    help: ArgumentHelp("Send this body to the function's first POST route instead, as the operator.", valueName: "json")
  )
  var body: String?

  func validate() throws {
    guard FunctionProcess.names.contains(function) else {
      throw ValidationError(
        "there is no function \(function); there are \(FunctionProcess.names.joined(separator: ", "))")
    }
    if body != nil, event != nil { throw ValidationError("give either an event or --body, not both") }
  }

  func run() async throws {
    RunningGroups.endOnSignals()
    let input: [UInt8]
    if let body {
      input = Array(body.utf8)
    } else if let event, event != "-" {
      guard let data = try? Data(contentsOf: URL(filePath: event)) else {
        throw ValidationError("\(event) cannot be read")
      }
      input = Array(data)
    } else {
      input = Array((try? Data(contentsOf: URL(filePath: "/dev/stdin"))) ?? Data())
    }
    var functions = FunctionProcess()
    functions.environment["DATABASE_URL"] = try RunnerDatabase.prepare()
    let prepared = functions
    let outcome = try await NIOThreadPool.singleton.runIfActive { try prepared.invoke(function, input: input) }
    switch outcome {
    case .response(let response):
      Descriptor.standardOutput.write(try JSON.encode(response) + [0x0a])
      throw ExitStatus.of(response)
    case .other(let output):
      Descriptor.standardOutput.write(output)
    case .crashed(let status):
      say("local-runner: \(function) crashed with status \(status)")
      throw ExitStatus.crashed
    case .timedOut:
      say("local-runner: \(function) did not answer in time")
      throw ExitStatus.crashed
    }
  }
}
