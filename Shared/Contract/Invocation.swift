import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a process is invoked once: an event on stdin, one line of JSON on stdout, exit 0 whenever a response was
/// written.
///
/// Three shapes of input are taken:
/// - an API Gateway HTTP API event, payload version 2.0;
/// - any other JSON object, as the body of the function's first POST route, on the operator's authority;
/// - an SQS batch, answered with `{"batchItemFailures":[…]}`.
///
/// Anything else is `invalid_request`. The deadline comes in `INVOCATION_DEADLINE_MS` (milliseconds since 1970, UTC);
/// five seconds past it the process ends itself, whatever it is doing.
package struct Invocation: Sendable {
  /// The largest event, in bytes: what API Gateway takes at most.
  package static let maximumEventBytes = 10 << 20
  /// What an invocation gets that names no deadline.
  package static let defaultDuration = Duration.seconds(300)

  private let environment: Environment
  private let log: Log

  /// Makes the process ready for an invocation; clients may start their connections afterwards, before it is served.
  package init(_ environment: Environment) {
    Descriptor.fillStandardGaps()
    signal(SIGPIPE, SIG_IGN)
    self.environment = environment
    log = Log(environment)
  }

  /// Serves the one event on stdin with the operations that `make` gives, and ends the process.
  ///
  /// - Parameter make: a failure of it, such as a setting that cannot be read, is the answer to the event.
  package func serve(_ make: () throws(Failure) -> [Operation]) async -> Never {
    let deadline = deadline()
    // The last resort against a call that ignores its deadline; a process that hangs would outlive its gateway.
    alarm(UInt32(deadline.remaining.milliseconds / 1000 + 5))
    let origins = environment.list("CORS_ALLOWED_ORIGINS")
    let router = Router(Swift.Result(catching: make), allowedOrigins: origins, log: log)
    let line = await Invocation.answer(
      to: Descriptor.standardInput.readAll(limit: Self.maximumEventBytes), router, deadline)
    // Nothing is left to flush or close that the kernel does not close itself, so the exit handlers are not run.
    _exit(Descriptor.standardOutput.write(line + [0x0a]) ? 0 : 1)
  }

  private func deadline() -> Deadline {
    guard let text = environment["INVOCATION_DEADLINE_MS"], let epoch = Double(text), epoch.isFinite else {
      return Deadline(after: Self.defaultDuration)
    }
    let milliseconds = epoch - Date.now.timeIntervalSince1970 * 1000
    return Deadline(after: .milliseconds(Int64(min(max(0, milliseconds), 86_400_000))))
  }

  /// The line of JSON, without its end, that answers `input`; nil stands for an input over the limit.
  package static func answer(to input: [UInt8]?, _ router: Router, _ deadline: Deadline) async -> [UInt8] {
    do {
      guard let input else {
        throw Failure(.invalidRequest, "the event is larger than \(maximumEventBytes >> 20) MiB")
      }
      switch try Shape(of: input) {
      case .event(let event):
        return encode(await router.respond(to: event, by: deadline))
      case .bareBody:
        return encode(await router.respond(to: try router.eventForBareBody(input), by: deadline))
      case .batch(let batch):
        return try JSON.encode(await batch.process(router, deadline))
      }
    } catch {
      let failure = error as? Failure ?? Failure(.internal, "the response could not be written")
      let id = Event.makeRequestID()
      var response = failure.response(requestID: id)
      response.headers["x-request-id"] = id
      return encode(response)
    }
  }

  private static func encode(_ response: Response) -> [UInt8] {
    (try? JSON.encode(response)) ?? Array(#"{"statusCode":500}"#.utf8)
  }

  /// Which of the three shapes an input has.
  enum Shape: Decodable {
    case event(Event)
    case bareBody
    case batch(Batch)

    init(of input: [UInt8]) throws(Failure) {
      guard input.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
        throw Failure(.invalidRequest, "stdin was empty; send one event as JSON, or just the body of a request")
      }
      self = try JSON.decodeInput(Shape.self, from: input, what: "the event")
    }

    enum CodingKeys: String, CodingKey {
      case version, requestContext
      case records = "Records"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.records) {
        self = .batch(try Batch(from: decoder))
      } else if container.contains(.version) || container.contains(.requestContext) {
        self = .event(try Event(from: decoder))
      } else {
        self = .bareBody
      }
    }
  }
}

extension Router {
  func eventForBareBody(_ body: [UInt8]) throws(Failure) -> Event {
    if let obstacle { throw obstacle }
    guard let path = bareBodyPath else {
      throw Failure(
        .invalidRequest,
        "this function reads no body; send an event with requestContext.http.method and rawPath")
    }
    return Event(method: "POST", rawPath: path, body: body, isOperator: true)
  }
}
