import ArgumentParser
import Contract
import Fetch
import FetchCurl
import Gateway
import Invoking
import ServiceLifecycle
import StripeStandIn
import Worker

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Serve the functions over HTTP.",
    discussion: """
      Each request is an invocation of its function, in a new process.

        local-runner start
        curl -d '{"url":"https://example.com"}' localhost:9000/analyze

      The command also performs queued jobs: analyses that were requested with
      "wait": false, two at a time, notifications, requests to Stripe. If you run
      workers separately (local-runner worker), add --no-worker.

      With --stripe you can try a purchase, from checkout to API key, on one
      machine.

      The server listens on this machine only. If PORT is set, as on Cloud Run, it
      listens on all addresses.

      SIGINT or SIGTERM ends the command after the requests that are running; a
      second one ends it at once.
      """)

  @Option(help: "The port; by default PORT from the environment, or 9000.")
  var port: Int?

  @Option(help: "The number of invocations at a time; four times as many may wait, and further requests get 429.")
  var concurrency = 16

  @Flag(help: "Sell through a stand-in for Stripe on the next port. It needs no Stripe account and moves no money.")
  var stripe = false

  @Flag(inversion: .prefixedNo, help: "Perform queued jobs, too.")
  var worker = true

  func validate() throws {
    if let port, !(0...65535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
    guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 256") }
  }

  func run() async throws {
    TerminationSignals.endProcess()
    let settings = Environment.ofProcess()
    let platformPort = settings["PORT"]
    if let platformPort, UInt16(platformPort) == nil {
      throw ValidationError("PORT is \(platformPort), which is not a port; use 0 to 65535")
    }
    let programs = try FunctionEnvironment.programs(for: Function.allCases)
    var environment = try FunctionEnvironment.prepare()
    let port = port ?? platformPort.flatMap(Int.init) ?? 9000
    if stripe {
      guard platformPort == nil, settings["STRIPE_SECRET_KEY"] == nil, port != 0 else {
        throw ValidationError(
          "--stripe is for development: unset PORT and STRIPE_SECRET_KEY, and give a port other than 0")
      }
      environment.merge(Self.standInSettings(port: port)) { $1 }
    }
    let translation = try FunctionEnvironment.readingSettings {
      HTTPTranslation(trustedProxies: try TrustedProxies(settings))
    }
    let (host, variables) = (platformPort == nil ? "127.0.0.1" : "0.0.0.0", environment)
    try await OneShotInvoker.withThreads(concurrency, programs, environment: variables) { invoker in
      try await OneShotInvoker.withThreads(Workers.defaultConcurrency, programs, environment: variables) { analyses in
        let gateway = Gateway(
          EventDispatcher(invoker, limit: concurrency * 5), translation, host: host, port: port
        ) { printError("listening on http://\(host):\($0)") }
        // The services shut down in the reverse order. The gateway is first, so that running requests complete.
        var services: [any Service] = stripe ? [Self.standIn(port: port)] : []
        if worker {
          services.append(try FunctionEnvironment.readingSettings { try Workers(analyses, Environment(variables)) })
        }
        _ = try await ServiceRunner.run(services + [gateway])
      }
    }
  }

  private static func standInSettings(port: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: StripeStandIn.settings).merging([
      "STRIPE_API_BASE": "http://127.0.0.1:\(port + 1)",
      "CORS_ALLOWED_ORIGINS": "http://127.0.0.1:\(port),http://localhost:\(port)",
    ]) { $1 }
  }

  private static func standIn(port: Int) -> StripeStandIn {
    StripeStandIn(
      .init(host: "127.0.0.1", port: port + 1) { printError("stand-in for Stripe on http://127.0.0.1:\($0)") },
      webhook: "http://127.0.0.1:\(port)/webhook/stripe",
      fetcher: .curl(guard: AddressGuard(allowing: []), userAgent: "Stripe/1.0"))
  }
}
