import Contract
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// HTTP in front of the functions: each request becomes an event, each response what the function answered.
struct Gateway: Sendable {
  private let functions: FunctionProcess
  private let trustedProxies: TrustedProxies
  private let pool: NIOThreadPool
  private let limit: Int
  private let pending = Pending()

  private final class Pending: Sendable {
    let count = Atomic<Int>(0)
  }

  /// - Parameter concurrency: invocations at a time; four times as many more wait for their turn.
  init(functions: FunctionProcess, trustedProxies: TrustedProxies, concurrency: Int) {
    self.functions = functions
    self.trustedProxies = trustedProxies
    pool = NIOThreadPool(numberOfThreads: concurrency)
    limit = concurrency * 5
  }

  /// The largest body, in bytes: an event holds it in base64 where it is no text.
  private static let maximumBodyBytes = Invocation.maximumEventBytes * 3 / 5

  /// Serves until it is told to end; `port` 0 takes a free one.
  func serve(host: String, port: Int) async throws {
    pool.start()
    let application = Application(
      responder: CallbackResponder { request, context in await respond(to: request, context) },
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in
        say("listening on http://\(host == "0.0.0.0" ? "0.0.0.0" : "127.0.0.1"):\(channel.localAddress?.port ?? port)")
      },
      logger: Self.logger)
    defer { RunningGroups.endAll() }
    try await application.runService()
    try await pool.shutdownGracefully()
  }

  private static var logger: Logger {
    var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    return logger
  }

  /// Which function serves a path: the one that its first segment names.
  static func function(for path: Substring) -> String? {
    switch path.split(separator: "/").first {
    case "analyze": "analyze"
    case "generate": "generate"
    case "usage", "health", "live": "usage"
    case "webhook": "webhook"
    case "checkout": "checkout"
    default: nil
    }
  }

  private func respond(to request: Hummingbird.Request, _ context: GatewayContext) async -> Hummingbird.Response {
    let event = await event(of: request, context)
    let response: Contract.Response
    do throws(Failure) {
      response = try await invoke(event.get())
    } catch {
      let id = Event.makeRequestID()
      var refusal = error.response(requestID: id)
      refusal.headers["x-request-id"] = id
      response = refusal
    }
    return Self.http(response)
  }

  private func event(of request: Hummingbird.Request, _ context: GatewayContext) async -> Swift.Result<Event, Failure> {
    var headers: [String: String] = [:]
    for field in request.headers {
      let name = field.name.canonicalName
      headers[name] = headers[name].map { "\($0),\(field.value)" } ?? field.value
    }
    if let authority = request.head.authority { headers["host"] = authority }
    var body: [UInt8] = []
    do {
      var received = 0
      // What is too much is read and dropped up to a point, so that whoever sends it reads the refusal.
      for try await piece in request.body {
        received += piece.readableBytes
        if received > Self.maximumBodyBytes * 10 { break }
        if received <= Self.maximumBodyBytes { body += Array(buffer: piece) }
      }
      guard received <= Self.maximumBodyBytes else {
        return .failure(Failure(.invalidRequest, "the body is larger than \(Self.maximumBodyBytes >> 20) MiB"))
      }
    } catch {
      return .failure(Failure(.invalidRequest, "the body broke off"))
    }
    let target = request.head.path ?? "/"
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return .success(
      Event(
        method: request.method.rawValue, rawPath: String(halves[0]),
        rawQueryString: halves.count > 1 ? String(halves[1]) : "",
        headers: headers, body: body,
        sourceIP: trustedProxies.client(
          of: context.remoteAddress?.ipAddress ?? "unknown", forwardedFor: headers["x-forwarded-for"])))
  }

  private func invoke(_ event: Event) async throws(Failure) -> Contract.Response {
    guard let function = Self.function(for: event.rawPath[...]) else {
      throw Failure(
        .notFound,
        "\(event.rawPath) is not served here; what is: /analyze, /generate, /checkout, /webhook, /usage, /health, /live"
      )
    }
    let queued = pending.count.add(1, ordering: .relaxed).newValue
    defer { pending.count.subtract(1, ordering: .relaxed) }
    guard queued <= limit else { throw Failure(.rateLimited, "too many requests are waiting", retryAfter: 5) }
    let outcome: FunctionProcess.Outcome
    do {
      let input = try JSON.encode(event)
      outcome = try await pool.runIfActive { try functions.invoke(function, input: input) }
    } catch {
      say("\(function): \(error)")
      throw Failure(.unavailable, "\(function) cannot be started")
    }
    switch outcome {
    case .response(let response): return response
    case .timedOut: throw .pastDeadline
    case .crashed(let status):
      say("\(function) crashed with status \(status), request \(event.requestID)")
      throw Failure(.internal, "something went wrong here; the request id finds it in the logs")
    case .other: throw Failure(.internal, "\(function) gave no response")
    }
  }

  private static func http(_ response: Contract.Response) -> Hummingbird.Response {
    var fields = HTTPFields()
    for (name, value) in response.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    for cookie in response.cookies { fields.append(HTTPField(name: .setCookie, value: cookie)) }
    return Hummingbird.Response(
      status: .init(code: response.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
  }
}

/// A request's surroundings: whence it came.
struct GatewayContext: RequestContext, RemoteAddressRequestContext {
  var coreContext: CoreRequestContextStorage
  let remoteAddress: SocketAddress?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}
