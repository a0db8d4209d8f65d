import Contract

extension Log {
  /// A log that discards all lines.
  static let silent = Log(threshold: .error) { _ in }
}
