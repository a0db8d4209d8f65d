/// A function: operations, found by method and path, and the manners that all of them share.
///
/// Every event gets a response. Errors that are no ``Failure`` become `internal`, and are logged under the request's
/// id.
package struct Router: Sendable {
  private let operations: [Operation]
  /// Why the function cannot serve at all.
  let obstacle: Failure?
  private let allowedOrigins: [String]
  private let log: Log

  /// - Parameter allowedOrigins: origins whose scripts may read responses; `*` for any.
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

  /// Where a bare body goes: the first operation that takes a POST.
  var bareBodyPath: String? { operations.first { $0.method == "POST" }?.path }

  package func respond(to event: Event, by deadline: Deadline) async -> Response {
    var response = await unadornedResponse(to: event, by: deadline)
    response.headers["x-request-id"] = event.requestID
    if let origin = event.headers["origin"] {
      response.headers["vary"] = "origin"
      if allowedOrigins.contains(origin) || allowedOrigins.contains("*") {
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] =
          "etag, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id"
      }
    }
    if event.method == "HEAD" { response.body = [] }
    return response
  }

  private func unadornedResponse(to event: Event, by deadline: Deadline) async -> Response {
    if event.method == "OPTIONS" { return preflight(event) }
    let log = log.with(["requestId": event.requestID])
    do {
      if let obstacle { throw obstacle }
      guard event.rawPath.hasPrefix("/") else {
        throw Failure.invalidField("rawPath", "rawPath must begin with a slash")
      }
      let (operation, parameters) = try operation(for: event)
      guard !deadline.isPast else { throw Failure.pastDeadline }
      let request = Request(event: event, parameters: parameters, deadline: deadline, log: log)
      return try await operation.perform(request)
    } catch {
      let failure = publicFailure(of: error, by: deadline)
      if failure.code.status >= 500 {
        log(.error, "\(event.method) \(event.rawPath) failed", ["error": "\(error)", "code": failure.code.rawValue])
      }
      return failure.response(requestID: event.requestID)
    }
  }

  private func publicFailure(of error: any Error, by deadline: Deadline) -> Failure {
    switch error {
    case let failure as Failure: failure
    case let convertible as any FailureConvertible: convertible.failure
    case is CancellationError where deadline.isPast: .pastDeadline
    default: Failure(.internal, "something went wrong here; the request id finds it in the logs")
    }
  }

  private func operation(for event: Event) throws(Failure) -> (Operation, [String: String]) {
    let method = event.method == "HEAD" ? "GET" : event.method
    for operation in operations where operation.method == method {
      if let parameters = operation.parameters(matching: event.rawPath) { return (operation, parameters) }
    }
    let routes = operations.map { "\($0.method) \($0.path)" }.joined(separator: ", ")
    throw Failure(.notFound, "\(event.method) \(event.rawPath) is not served here; what is: \(routes)")
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
