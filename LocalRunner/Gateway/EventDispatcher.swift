package import Contract
package import Invoking
import Synchronization

/// Sends each event to the function that serves its path, and limits how many events wait.
package struct EventDispatcher: Sendable {
  private let invoker: any Invoker
  private let limit: Int
  private let log: @Sendable (String) -> Void
  private let pending = Counter()

  private final class Counter: Sendable {
    let count = Atomic<Int>(0)
  }

  /// - Parameters:
  ///   - limit: the number of events that may run or wait at a time; further events are refused.
  ///   - log: receives a line for each function that failed.
  package init(_ invoker: any Invoker, limit: Int, log: @escaping @Sendable (String) -> Void = printError) {
    self.invoker = invoker
    self.limit = limit
    self.log = log
  }

  /// Responds to an event. A function that fails results in a response with a failure.
  package func respond(to event: Event) async -> Response {
    do throws(Failure) {
      return try await invoke(event)
    } catch {
      return Self.response(to: error, requestID: event.requestID)
    }
  }

  /// The response to a request that no function has received.
  package static func response(to failure: Failure, requestID: String = Event.makeRequestID()) -> Response {
    var response = failure.response(requestID: requestID)
    response.headers["x-request-id"] = requestID
    return response
  }

  private func invoke(_ event: Event) async throws(Failure) -> Response {
    guard let function = Function(servingPath: event.rawPath) else {
      let paths = Function.allCases.flatMap(\.pathPrefixes).joined(separator: ", ")
      throw Failure(.notFound, "no function serves \(event.rawPath); the paths are \(paths)")
    }
    let queued = pending.count.add(1, ordering: .relaxed).newValue
    defer { pending.count.subtract(1, ordering: .relaxed) }
    guard queued <= limit else {
      throw Failure(.rateLimited, "too many requests are waiting; try again in 5 seconds", retryAfter: 5)
    }
    guard let input = try? JSON.encode(event) else {
      throw Failure(.internal, "the request cannot be encoded as an event")
    }
    do throws(InvocationError) {
      return try await invoker.respond(function, to: input)
    } catch {
      log("\(error), request \(event.requestID)")
      throw error.failure
    }
  }
}
