/// What is wrong with an answer, in one line that the model is told too.
package struct ModelMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// At most 300 characters, without control characters.
  package let reason: String

  /// - Parameter reason: such as `pages[3].score must be from 0 to 100`. It may reach logs: it quotes nothing that is
  ///   not ours.
  package init(_ reason: String) {
    let line = String(
      reason.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7f ? " " : Character($0) })
    self.reason = line
  }

  package var description: String { reason }
}
