/// The reason why a fetch returned no response.
package struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// ``AddressGuard`` rejected the address: it is private, or the port is not 80 or 443.
    case forbiddenAddress = "forbidden_address"
    case unresolvedHost = "unresolved_host"
    case connectionFailed = "connection_failed"
    case tls
    case timedOut = "timed_out"
    case malformedResponse = "malformed_response"
    case cancelled
  }

  package let code: Code
  /// Details for the log, such as libcurl's message.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
