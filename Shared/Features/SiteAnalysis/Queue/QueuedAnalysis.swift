package import Contract
package import FoundationEssentials

/// An analysis whose report is not there: still to come, or not to come at all.
package struct QueuedAnalysis: Sendable {
  package enum State: String, Sendable, Codable {
    case pending, running, failed
  }

  package let id: UUID
  /// As it was asked for, normalised.
  package let url: String
  package let state: State
  /// Why it failed, where it did.
  package let failure: Failure?
  package let createdAt: Date

  /// What whoever needs its report is told.
  var refusal: Failure {
    failure
      ?? Failure(
        .conflict, "the analysis is \(state.rawValue); GET /analyze/{id} says when it is completed", retryAfter: 5)
  }
}

/// A queued analysis as `POST /analyze` and `GET /analyze/{id}` answer it.
struct QueuedAnswer: Encodable {
  struct Reason: Encodable {
    let code: String
    let message: String
  }

  let id: String
  let kind = "site"
  let url: String
  let status: QueuedAnalysis.State
  let error: Reason?
  let createdAt: Date

  init(_ queued: QueuedAnalysis) {
    id = queued.id.uuidString.lowercased()
    url = queued.url
    status = queued.state
    error = queued.failure.map { Reason(code: $0.code.rawValue, message: $0.message) }
    createdAt = queued.createdAt
  }
}
