/// The reason why an answer does not match its schema or a check. It is one line, which is also sent to the model.
package struct ModelMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// At most 300 characters, without control characters.
  package let reason: String

  /// - Parameter reason: a clause such as `pages[3].score must be from 0 to 100`. It may be logged, so it must not quote
  ///   the answer.
  package init(_ reason: String) {
    let line = String(
      reason.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7f ? " " : Character($0) })
    self.reason = line
  }

  package var description: String { reason }
}
