package import Contract
package import FoundationEssentials

/// An analysis in the queue: it is pending or running, or it has failed.
package struct QueuedAnalysis: Sendable {
  package enum State: String, Sendable, Codable {
    case pending, running, failed
  }

  package let id: UUID
  /// The requested URL, normalized.
  package let url: String
  package let state: State
  /// The failure of a failed analysis.
  package let failure: Failure?
  package let createdAt: Date

  /// The failure of a request that needs the report: the analysis's own failure, or `conflict` until it ends.
  var reportFailure: Failure {
    failure
      ?? Failure(
        .conflict, "the analysis is \(state.rawValue); poll GET /analyze/{id} until it is completed", retryAfter: 5)
  }
}

/// A queued analysis in the response of `POST /analyze` and `GET /analyze/{id}`.
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
    id = queued.id.text
    url = queued.url
    status = queued.state
    error = queued.failure.map { Reason(code: $0.code.rawValue, message: $0.message) }
    createdAt = queued.createdAt
  }
}
