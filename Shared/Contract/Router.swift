/// Routes an event to an operation, and adds the parts of a response that every operation shares: the request id, CORS
/// headers and error bodies.
///
/// Every event gets a response. Any error other than ``Failure`` and ``FailureConvertible`` becomes `internal` and is
/// logged with the request id.
package struct Router: Sendable {
  private let operations: [Operation]
  /// The reason why the function can serve no request, such as a malformed setting; nil if it can.
  let obstacle: Failure?
  private let allowedOrigins: [String]
  private let log: Log

  /// - Parameter allowedOrigins: origins whose scripts may read responses; `*` allows any origin.
  package init(_ operations: Swift.Result<[Operation], Failure>, allowedOrigins: [String] = [], log: Log) {
    switch operations {
    case .success(let operations): (self.operations, obstacle) = (operations, nil)
    case .failure(let failure): (self.operations, obstacle) = ([], failure)
    }
    self.allowedOrigins = allowedOrigins
    self.log = log
  }

  package init(_ operations: [Operation], allowedOrigins: [String] = [], log: Log) {
    self.init(.success(operations), allowedOrigins: allowedOrigins, log: log)
  }

  /// The path that a bare body is sent to: the first operation with the method POST.
  var bareBodyPath: String? { operations.first { $0.method == "POST" }?.path }

  package func respond(to event: Event, by deadline: Deadline) async -> Response {
    completed(await plainResponse(to: event, by: deadline), event)
  }

  /// Responds to an event with all bytes of the body, for callers that cannot stream.
  ///
  /// An error of a streamed body gets the same response as an error of the operation.
  func respondBuffered(to event: Event, by deadline: Deadline) async -> Response {
    let response = await respond(to: event, by: deadline)
    do {
      return try await response.buffered()
    } catch {
      return completed(failureResponse(to: event, error, by: deadline), event)
    }
  }

  /// The response with the parts that all operations share.
  private func completed(_ response: Response, _ event: Event) -> Response {
    var response = response
    response.headers["x-request-id"] = event.requestID
    if let origin = event.headers["origin"] {
      response.headers["vary"] = "origin"
      if allowedOrigins.contains(origin) || allowedOrigins.contains("*") {
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] =
          "etag, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id"
      }
    }
    if event.method == "HEAD" { response.body = .bytes([]) }
    return response
  }

  private func plainResponse(to event: Event, by deadline: Deadline) async -> Response {
    if event.method == "OPTIONS" { return preflight(event) }
    do {
      if let obstacle { throw obstacle }
      guard event.rawPath.hasPrefix("/") else {
        throw Failure.invalidField("rawPath", "rawPath must begin with a slash")
      }
      let (operation, parameters) = try operation(for: event)
      guard !deadline.isPast else { throw Failure.pastDeadline }
      let request = Request(event: event, parameters: parameters, deadline: deadline, log: log(for: event))
      return try await operation.perform(request)
    } catch {
      return failureResponse(to: event, error, by: deadline)
    }
  }

  private func log(for event: Event) -> Log { log.with(["requestId": event.requestID]) }

  private func failureResponse(to event: Event, _ error: any Error, by deadline: Deadline) -> Response {
    let failure = publicFailure(of: error, by: deadline)
    if failure.code.status >= 500 {
      log(for: event)(
        .error, "\(event.method) \(event.rawPath) failed", ["error": "\(error)", "code": failure.code.rawValue])
    }
    return failure.response(requestID: event.requestID)
  }

  private func publicFailure(of error: any Error, by deadline: Deadline) -> Failure {
    switch error {
    case let failure as Failure: failure
    case let convertible as any FailureConvertible: convertible.failure
    case is CancellationError where deadline.isPast: .pastDeadline
    default: Failure(.internal, "an internal error occurred; look for the request id in the logs")
    }
  }

  private func operation(for event: Event) throws(Failure) -> (Operation, [String: String]) {
    let method = event.method == "HEAD" ? "GET" : event.method
    for operation in operations where operation.method == method {
      if let parameters = operation.parameters(matching: event.rawPath) { return (operation, parameters) }
    }
    let routes = operations.map { "\($0.method) \($0.path)" }.joined(separator: ", ")
    throw Failure(.notFound, "\(event.method) \(event.rawPath) is not a route of this function; available: \(routes)")
  }

  private func preflight(_ event: Event) -> Response {
    let methods = operations.filter { $0.parameters(matching: event.rawPath) != nil }.map(\.method)
    return Response(
      status: 204,
      headers: [
        "access-control-allow-methods": methods.joined(separator: ", "),
        "access-control-allow-headers": "authorization, content-type, idempotency-key, if-none-match",
        "access-control-max-age": "600",
      ])
  }
}

extension Failure {
  package static let pastDeadline = Failure(.deadlineExceeded, "the time given for this request ran out")
}
