/// An error that is sent to the caller: a code from a fixed list, and a message that says how to fix the request.
///
/// ``Router`` turns any other error into ``Code/internal`` and logs its description with the request id. A failure must
/// not contain SQL, keys, paths or data of another account.
package struct Failure: Error, Sendable, Equatable {
  package var code: Code
  /// For a person: what was wrong, and what to do.
  package var message: String
  /// For a program; `field` is the name of the invalid field of the body.
  package var details: [String: String]
  /// Seconds after which the same request may succeed; sent as the header `Retry-After`.
  package var retryAfter: Int?
  /// More headers of the response; names in lower case.
  package var headers: [String: String] = [:]

  package init(_ code: Code, _ message: String, details: [String: String] = [:], retryAfter: Int? = nil) {
    self.code = code
    self.message = message
    self.details = details
    self.retryAfter = retryAfter
  }

  /// The failure of a request with an invalid field.
  package static func invalidField(_ field: String, _ message: String) -> Failure {
    Failure(.invalidRequest, message, details: ["field": field])
  }
}

extension Failure {
  /// The kind of a failure; the raw value is `error.code` in the body of the response.
  package enum Code: String, Sendable, CaseIterable, Codable {
    case invalidRequest = "invalid_request"
    case unauthorized
    case paymentRequired = "payment_required"
    case forbidden
    case notFound = "not_found"
    case conflict
    case rateLimited = "rate_limited"
    case quotaExceeded = "quota_exceeded"
    case `internal`
    case upstreamFailed = "upstream_failed"
    case unavailable
    case deadlineExceeded = "deadline_exceeded"

    /// The HTTP status that goes with the code (RFC 9110, section 15).
    package var status: Int {
      switch self {
      case .invalidRequest: 400
      case .unauthorized: 401
      case .paymentRequired: 402
      case .forbidden: 403
      case .notFound: 404
      case .conflict: 409
      case .rateLimited, .quotaExceeded: 429
      case .internal: 500
      case .upstreamFailed: 502
      case .unavailable: 503
      case .deadlineExceeded: 504
      }
    }

    /// The default of `Retry-After` in seconds; nil for codes that are sent without the header.
    var defaultRetryAfter: Int? {
      switch self {
      case .rateLimited, .quotaExceeded: 60
      case .unavailable: 5
      default: nil
      }
    }
  }
}

extension Failure {
  /// The response that reports the failure.
  package func response(requestID: String) -> Response {
    let body = FailureBody(
      error: .init(code: code, message: message, details: details, requestId: requestID))
    var response = Response.json(body, status: code.status)
    response.headers.merge(headers) { own, _ in own }
    if let seconds = retryAfter ?? code.defaultRetryAfter {
      response.headers["retry-after"] = String(seconds)
    }
    if code == .unauthorized {
      response.headers["www-authenticate"] = "Bearer"
    }
    return response
  }
}
