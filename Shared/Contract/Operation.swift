/// One route of a function: an HTTP method, a path pattern and a handler.
///
/// Features create operations and hand them the clients they need, so an operation can be tested in-process. A function
/// is a list of operations.
package struct Operation: Sendable {
  /// In upper case.
  package let method: String
  /// A pattern such as `/analyze/{id}`; a segment in braces matches any one segment.
  package let path: String
  package let perform: @Sendable (Request) async throws -> Response

  package init(
    _ method: String, _ path: String, perform: @escaping @Sendable (Request) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.perform = perform
  }

  /// Matches a path against the pattern.
  ///
  /// - Returns: the values of the segments in braces, or nil if the path does not match.
  func parameters(matching rawPath: String) -> [String: String]? {
    let pattern = path.split(separator: "/")
    let segments = rawPath.split(separator: "/")
    guard pattern.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (expected, segment) in zip(pattern, segments) {
      if expected.first == "{" {
        parameters[String(expected.dropFirst().dropLast())] = String(segment)
      } else if expected != segment {
        return nil
      }
    }
    return parameters
  }
}

/// An event that was routed to an operation.
package struct Request: Sendable {
  package let event: Event
  /// The values of the path's segments in braces, by name.
  package let parameters: [String: String]
  package let deadline: Deadline
  package let log: Log

  package init(event: Event, parameters: [String: String] = [:], deadline: Deadline, log: Log) {
    self.event = event
    self.parameters = parameters
    self.deadline = deadline
    self.log = log
  }
}

/// An error of a library that has a public form.
///
/// Libraries such as Postgres and Fetch do not import Contract; the features that use them declare how their errors are
/// reported.
package protocol FailureConvertible: Error {
  var failure: Failure { get }
}
