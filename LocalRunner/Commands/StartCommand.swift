import ArgumentParser
import Contract

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Serve the functions over HTTP.",
    discussion: """
      Each request is an invocation of its function in a process of its own.

        local-runner start
        curl -d '{"url":"https://example.com"}' localhost:9000/analyze

      At a desk it listens on this machine only. Where PORT is set, as on Cloud Run, it listens on all addresses.
      """)

  @Option(help: "The port; PORT of the environment, or 9000, if left out.")
  var port: Int?

  @Option(help: "Invocations at a time; four times as many may wait, and more are told to come back.")
  var concurrency = 16

  func validate() throws {
    if let port, !(0...65535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
    guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 256") }
  }

  func run() async throws {
    let environment = Environment.ofProcess()
    let platformPort = environment["PORT"]
    if let platformPort, UInt16(platformPort) == nil { throw ValidationError("PORT is \(platformPort), which is no port") }
    var functions = FunctionProcess()
    for name in FunctionProcess.names where !functions.exists(name) {
      throw ValidationError("\(functions.path(of: name)) is missing; build it with: swift build -c release, or set FUNCTIONS_DIR")
    }
    functions.environment["DATABASE_URL"] = try RunnerDatabase.prepare()
    let gateway = Gateway(
      functions: functions, trustedProxies: try TrustedProxies(environment), concurrency: concurrency)
    try await gateway.serve(
      host: platformPort == nil ? "127.0.0.1" : "0.0.0.0", port: port ?? platformPort.flatMap(Int.init) ?? 9000)
  }
}
