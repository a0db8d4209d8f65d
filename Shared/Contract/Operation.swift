/// One thing that a function does: where it stands, and what it does with a request.
///
/// Operations belong to features, and take the clients that they need when they are made; so they are tested
/// in-process, and a function is only a list of them.
package struct Operation: Sendable {
  /// In upper case.
  package let method: String
  /// A pattern such as `/analyze/{id}`: a segment in braces takes any one segment.
  package let path: String
  package let perform: @Sendable (Request) async throws -> Response

  package init(
    _ method: String, _ path: String, perform: @escaping @Sendable (Request) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.perform = perform
  }

  /// An operation that reads a JSON body.
  package static func post<Input: Decodable & Sendable>(
    _ path: String, _ input: Input.Type, perform: @escaping @Sendable (Input, Request) async throws -> Response
  ) -> Operation {
    Operation("POST", path) { request in
      let body = try JSON.decodeInput(input, from: request.event.body, what: "the body")
      return try await perform(body, request)
    }
  }

  /// The path's parameters where it takes `rawPath`, else nil.
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

/// An event on its way through an operation.
package struct Request: Sendable {
  package let event: Event
  /// What the path's segments in braces took.
  package let parameters: [String: String]
  package let deadline: Deadline
  package let log: Log
  /// Whom an operation around this one has found the request to be of, so that nobody looks a second time. What that is
  /// only the
  /// features know.
  package var caller: (any Sendable)? = nil
}

/// An error of a library that may be told to the caller as a failure.
///
/// Libraries below the contract know nothing of it; the features above them say what their errors mean.
package protocol FailureConvertible: Error {
  var failure: Failure { get }
}
