package import Contract

/// The reason why an invocation returned no response.
package struct InvocationError: Error, Sendable, Equatable {
  package enum Cause: Sendable, Equatable {
    /// The operating system did not start the executable.
    case notStarted(String)
    /// The process ended with this exit status, or with minus the number of the signal that killed it.
    case crashed(status: Int32)
    /// The process ran longer than this.
    case timedOut(Duration)
    /// The output is not a response.
    case noResponse
  }

  package let function: Function
  package let cause: Cause

  package init(_ function: Function, _ cause: Cause) {
    self.function = function
    self.cause = cause
  }
}

extension InvocationError: CustomStringConvertible {
  /// One line for a log or a terminal.
  package var description: String {
    switch cause {
    case .notStarted(let reason): "\(function) cannot be started: \(reason)"
    case .crashed(let status): "\(function) crashed with status \(status)"
    case .timedOut(let duration): "\(function) did not answer within \(duration.milliseconds / 1000) s"
    case .noResponse: "\(function) returned no response"
    }
  }
}

extension InvocationError: FailureConvertible {
  /// The failure that an HTTP client receives. It contains no path and no exit status.
  package var failure: Failure {
    switch cause {
    case .notStarted: Failure(.unavailable, "\(function) cannot be started")
    case .crashed: Failure(.internal, "an internal error occurred; the log has details under the request id")
    case .timedOut: .pastDeadline
    case .noResponse: Failure(.internal, "\(function) returned no response")
    }
  }
}
