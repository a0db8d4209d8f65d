/// The JSON body of a failed response: `{"error":{"code":…,"message":…,"details":{…},"requestId":…}}`.
package struct FailureBody: Sendable, Codable {
  package struct Details: Sendable, Codable {
    package let code: Failure.Code
    package let message: String
    package let details: [String: String]
    package let requestId: String
  }

  package let error: Details
}
