/// A refusal that the caller may read: one of few codes, and words that say what would be right.
///
/// Nothing else crosses the edge: any other error becomes ``Code/internal``, its particulars on stderr under the
/// request's id. A failure never carries SQL, keys, paths or another account's data.
package struct Failure: Error, Sendable, Equatable {
  package var code: Code
  /// What was wrong and what would be right, for a person.
  package var message: String
  /// Particulars for a program; `field` names the field of the body that was refused.
  package var details: [String: String]
  /// Seconds after which the same request may succeed; sent as `Retry-After`.
  package var retryAfter: Int?
  /// Further headers of the response, their names in lower case.
  package var headers: [String: String] = [:]

  package init(_ code: Code, _ message: String, details: [String: String] = [:], retryAfter: Int? = nil) {
    self.code = code
    self.message = message
    self.details = details
    self.retryAfter = retryAfter
  }

  /// A field of the body that does not hold what it should.
  package static func invalidField(_ field: String, _ message: String) -> Failure {
    Failure(.invalidRequest, message, details: ["field": field])
  }
}

extension Failure {
  /// What may go wrong, as `error.code` of a response's body spells it.
  package enum Code: String, Sendable, CaseIterable {
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

    /// The `Retry-After` of a code that always carries one, in seconds, where a failure names none of its own.
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
  /// The response that carries this failure.
  package func response(requestID: String) -> Response {
    let body = Body(
      error: .init(code: code.rawValue, message: message, details: details, requestId: requestID))
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

  private struct Body: Encodable {
    struct Inner: Encodable {
      let code: String
      let message: String
      let details: [String: String]
      let requestId: String
    }
    let error: Inner
  }
}
