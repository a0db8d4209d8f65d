import ArgumentParser
import Contract
import Fetch
import FetchCurl

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Serve the functions over HTTP.",
    discussion: """
      Each request is an invocation of its function in a process of its own.

        local-runner start
        curl -d '{"url":"https://example.com"}' localhost:9000/analyze

      Queued work is done too: analyses that were asked for with "wait": false, two at a time, messages to your endpoints, questions to Stripe.
      Where workers run by themselves (local-runner worker), --no-worker leaves it to them.

      With --stripe a purchase can be walked through, from checkout to key, on one machine.

      At a desk it listens on this machine only. Where PORT is set, as on Cloud Run, it listens on all addresses.
      """)

  @Option(help: "The port; PORT of the environment, or 9000, if left out.")
  var port: Int?

  @Option(help: "Invocations at a time; four times as many may wait, and more are told to come back.")
  var concurrency = 16

  @Flag(
    help:
      "Sell through a stand-in for Stripe on this machine, on the next port: no account at Stripe is needed, and no money moves."
  )
  var stripe = false

  @Flag(inversion: .prefixedNo, help: "Do what is queued, too.")
  var worker = true

  func validate() throws {
    if let port, !(0...65535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
    guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 256") }
  }

  func run() async throws {
    let environment = Environment.ofProcess()
    let platformPort = environment["PORT"]
    if let platformPort, UInt16(platformPort) == nil {
      throw ValidationError("PORT is \(platformPort), which is no port")
    }
    var functions = FunctionProcess()
    for name in FunctionProcess.names where !functions.exists(name) {
      throw ValidationError(
        "\(functions.path(of: name)) is missing; build it with: swift build -c release, or set FUNCTIONS_DIR")
    }
    functions.environment["DATABASE_URL"] = try RunnerDatabase.prepare()
    let port = port ?? platformPort.flatMap(Int.init) ?? 9000
    if stripe {
      guard platformPort == nil, environment["STRIPE_SECRET_KEY"] == nil, port != 0 else {
        throw ValidationError(
          "--stripe is for a desk: without PORT and STRIPE_SECRET_KEY, and with a port that is known")
      }
      functions.environment.merge(Self.standInSettings(port: port)) { $1 }
    }
    let gateway = Gateway(
      functions: functions, trustedProxies: try TrustedProxies(environment), concurrency: concurrency)
    let workers = worker ? try Workers(functions, concurrency: Workers.usualConcurrency) : nil
    let isSelling = stripe
    try await withThrowingTaskGroup(of: Void.self) { group in
      if let workers { group.addTask { try await workers.run(isDraining: false) } }
      if isSelling { group.addTask { try await Self.serveStandIn(port: port) } }
      group.addTask { try await gateway.serve(host: platformPort == nil ? "127.0.0.1" : "0.0.0.0", port: port) }
      // Whichever ends first, told or failed, ends all.
      defer {
        group.cancelAll()
        RunningGroups.endAll()
      }
      try await group.next()
    }
  }

  private static func standInSettings(port: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: StripeStandIn.settings).merging([
      "STRIPE_API_BASE": "http://127.0.0.1:\(port + 1)",
      "CORS_ALLOWED_ORIGINS": "http://127.0.0.1:\(port),http://localhost:\(port)",
    ]) { $1 }
  }

  private static func serveStandIn(port: Int) async throws {
    let standIn = StripeStandIn(
      webhook: "http://127.0.0.1:\(port)/webhook/stripe",
      fetcher: .curl(guard: AddressGuard(opened: []), userAgent: "Stripe/1.0"))
    try await standIn.serve(host: "127.0.0.1", port: port + 1) { say("stand-in for Stripe on http://127.0.0.1:\($0)") }
  }
}
