package import Contract

/// Runs functions. Commands, the gateway and the worker depend on this protocol and not on how a process is started.
package protocol Invoker: Sendable {
  /// Runs a function once.
  ///
  /// - Parameters:
  ///   - input: the bytes of one event, as `Invocation` describes them.
  ///   - onLogLine: receives each line that the function logs. If nil, the lines go to this process's stderr.
  /// - Throws: ``InvocationError`` if the function wrote no output.
  func invoke(
    _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
  ) async throws(InvocationError) -> InvocationOutput
}

extension Invoker {
  /// Runs a function once; its log goes to stderr.
  package func invoke(_ function: Function, input: [UInt8]) async throws(InvocationError) -> InvocationOutput {
    try await invoke(function, input: input, onLogLine: nil)
  }

  /// Sends one event to a function.
  ///
  /// - Throws: ``InvocationError``, also if the function wrote something other than a response.
  package func respond(
    _ function: Function, to input: [UInt8], onLogLine: (@Sendable (String) -> Void)? = nil
  ) async throws(InvocationError) -> Response {
    switch try await invoke(function, input: input, onLogLine: onLogLine) {
    case .response(let response): return response
    case .other: throw InvocationError(function, .noResponse)
    }
  }
}

/// The output of a function that ended normally.
package enum InvocationOutput: Sendable, Equatable {
  case response(Response)
  /// Output that is not an HTTP response, such as the reply to an SQS batch.
  case other([UInt8])

  package init(_ bytes: [UInt8]) {
    self = (try? JSON.decode(Response.self, from: bytes)).map { .response($0) } ?? .other(bytes)
  }
}
