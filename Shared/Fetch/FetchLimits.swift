/// Limits on the size and time of one fetch.
package struct FetchLimits: Sendable {
  /// The maximum size of the body in bytes, after decompression. A longer body is cut, and the response is marked as
  /// truncated.
  package var bytes: Int
  /// The maximum time from the start to the last byte.
  package var duration: Duration
  /// The maximum time to connect, including the TLS handshake.
  package var connectDuration: Duration

  package init(bytes: Int, duration: Duration, connectDuration: Duration = .seconds(10)) {
    self.bytes = bytes
    self.duration = duration
    self.connectDuration = connectDuration
  }

  package static let page = FetchLimits(bytes: 5 << 20, duration: .seconds(20))
  package static let robots = FetchLimits(bytes: 600_000, duration: .seconds(10))
  package static let sitemap = FetchLimits(bytes: 60 << 20, duration: .seconds(30))
}
