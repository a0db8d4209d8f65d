package import Contract
package import Fetch

extension FetchError: FailureConvertible {
  /// What a caller is told of a site that could not be read.
  package var failure: Failure {
    switch code {
    case .forbiddenAddress:
      Failure(
        .forbidden, "the url may not be fetched: \(description); FETCH_ALLOW_NETWORKS opens networks",
        details: ["reason": code.rawValue])
    case .cancelled: .pastDeadline
    default: Failure(.upstreamFailed, "the site does not answer: \(description)", details: ["reason": code.rawValue])
    }
  }
}
