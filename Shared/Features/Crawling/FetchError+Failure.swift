package import Contract
package import Fetch

extension FetchError: FailureConvertible {
  /// The failure that a caller receives if a site cannot be fetched.
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
