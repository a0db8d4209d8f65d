import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One run of a function's process: it reads an event from stdin and writes one line of JSON to stdout. It exits with 0
/// if a response was written, even one that reports an error.
///
/// The event is one of:
/// - an API Gateway HTTP API event, payload version 2.0;
/// - an SQS batch, answered with `{"batchItemFailures":[…]}`;
/// - any other JSON object: the body of the function's first POST route, sent by the operator.
///
/// Any other input is `invalid_request`. `INVOCATION_DEADLINE_MS` is the deadline (milliseconds since 1970, UTC). Five
/// seconds after it the process ends itself.
package struct Invocation: Sendable {
  /// The limit on the size of an event in bytes, as in API Gateway.
  package static let maximumEventBytes = 10 << 20
  /// The time for an invocation without a deadline.
  package static let defaultDuration = Duration.seconds(300)

  private let environment: Environment
  private let log: Log

  /// Prepares the process for an invocation. Clients may open connections afterwards, before ``serve(_:)``.
  package init(_ environment: Environment) {
    Descriptor.openClosedStandardDescriptors()
    signal(SIGPIPE, SIG_IGN)
    self.environment = environment
    log = Log(environment)
  }

  /// Serves the event on stdin, and ends the process.
  ///
  /// - Parameter make: makes the function's operations. If it fails, for example because of a malformed setting, the
  ///   failure is the response to the event.
  package func serve(_ make: () throws(Failure) -> [Operation]) async -> Never {
    let deadline = deadline()
    // Ends the process if a call ignores the deadline; otherwise it could hang longer than its gateway runs.
    alarm(UInt32(deadline.remaining.milliseconds / 1000 + 5))
    let origins = environment.list("CORS_ALLOWED_ORIGINS")
    let router = Router(Swift.Result(catching: make), allowedOrigins: origins, log: log)
    let line = await Invocation.answer(
      to: Descriptor.standardInput.readAll(limit: Self.maximumEventBytes), router, deadline)
    // Exit handlers are skipped, because the kernel closes all files and sockets and nothing is left to flush.
    _exit(Descriptor.standardOutput.write(line + [0x0a]) ? 0 : 1)
  }

  private func deadline() -> Deadline {
    guard let text = environment["INVOCATION_DEADLINE_MS"], let epoch = Double(text), epoch.isFinite else {
      return Deadline(after: Self.defaultDuration)
    }
    let milliseconds = epoch - Date.now.timeIntervalSince1970 * 1000
    return Deadline(after: .milliseconds(Int64(min(max(0, milliseconds), 86_400_000))))
  }

  /// The response to `input` as a line of JSON without the line break.
  ///
  /// - Parameter input: nil if the event exceeded the limit.
  package static func answer(to input: [UInt8]?, _ router: Router, _ deadline: Deadline) async -> [UInt8] {
    do {
      guard let input else {
        throw Failure(.invalidRequest, "the event is larger than \(maximumEventBytes >> 20) MiB; send a smaller one")
      }
      switch try Shape(of: input) {
      case .event(let event):
        return encode(await router.respondBuffered(to: event, by: deadline))
      case .bareBody:
        return encode(await router.respondBuffered(to: try router.eventForBareBody(input), by: deadline))
      case .batch(let batch):
        return try JSON.encode(await batch.process(router, deadline))
      }
    } catch {
      let failure = error as? Failure ?? Failure(.internal, "the response could not be encoded")
      let id = Event.makeRequestID()
      var response = failure.response(requestID: id)
      response.headers["x-request-id"] = id
      return encode(response)
    }
  }

  private static func encode(_ response: Response) -> [UInt8] {
    (try? JSON.encode(response)) ?? Array(#"{"statusCode":500}"#.utf8)
  }

  /// The three kinds of input.
  enum Shape: Decodable {
    case event(Event)
    case bareBody
    case batch(Batch)

    init(of input: [UInt8]) throws(Failure) {
      guard input.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
        throw Failure(.invalidRequest, "stdin was empty; send an event or the body of a request as JSON")
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
  /// The operator's event that sends a bare body to the first POST route.
  ///
  /// - Throws: `invalid_request` if the function has no POST route.
  func eventForBareBody(_ body: [UInt8]) throws(Failure) -> Event {
    if let obstacle { throw obstacle }
    guard let path = bareBodyPath else {
      throw Failure(
        .invalidRequest,
        "this function has no POST route; send an event with requestContext.http.method and rawPath")
    }
    return Event(method: "POST", rawPath: path, body: body, isOperator: true)
  }
}
