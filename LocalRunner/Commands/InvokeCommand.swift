import ArgumentParser
import Contract
import FoundationEssentials
import Invoking

struct InvokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Run a function once with an event, as a platform does.",
    discussion: """
      Prints the response as one line of JSON. The exit status is 0 for an HTTP
      status below 400, 4 for 4xx, 5 for 5xx, and 70 if the function crashed or did
      not respond in time.

        local-runner invoke usage Events/usage/health.json
        local-runner invoke analyze --body '{"url":"https://example.com"}'
        echo '{"url":"https://example.com"}' | local-runner invoke analyze
      """)

  @Argument(help: ArgumentHelp("The function.", valueName: "function"))
  var function: Function

  @Argument(help: ArgumentHelp("The file with the event; stdin if it is - or missing.", valueName: "event.json"))
  var event: String?

  @Option(
    help: ArgumentHelp(
      "Send this body to the function's first POST route instead, with the operator's authority.", valueName: "json"))
  var body: String?

  func validate() throws {
    if body != nil, event != nil { throw ValidationError("give either an event or --body, not both") }
  }

  func run() async throws {
    TerminationSignals.endProcess()
    let input = try input()
    let invoker = OneShotInvoker(FunctionEnvironment.programs(), environment: try FunctionEnvironment.prepare())
    let output: InvocationOutput
    do throws(InvocationError) {
      output = try await invoker.invoke(function, input: input)
    } catch {
      printFailure(error.description)
      throw ExitStatus.crashed
    }
    switch output {
    case .response(let response):
      try StandardOutput.write(JSON.encode(response) + [0x0a])
      throw ExitStatus.of(response)
    case .other(let bytes): try StandardOutput.write(bytes)
    }
  }

  private func input() throws -> [UInt8] {
    if let body { return Array(body.utf8) }
    guard let event, event != "-" else {
      return Array((try? Data(contentsOf: URL(filePath: "/dev/stdin"))) ?? Data())
    }
    guard let data = try? Data(contentsOf: URL(filePath: event)) else {
      throw ValidationError("\(event) cannot be read; give the file of an event")
    }
    return Array(data)
  }
}

extension Function: ExpressibleByArgument {}
