/// The key that requests to a provider carry: it prints, interpolates and reflects as `redacted`, and cannot be encoded.
package struct ModelSecretKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// - Returns: nil where it is empty, or holds what a header cannot.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    self.text = text
  }

  /// The header in which a provider expects it.
  func header(for dialect: ModelDialect) -> (name: String, value: String) {
    switch dialect {
    case .openAI: ("Authorization", "Bearer \(text)")
    case .anthropic: ("x-api-key", text)
    }
  }

  /// Whether a text that came from outside quotes it.
  func occurs(in other: String) -> Bool { other.contains(text) }

  package var description: String { "redacted" }
  package var debugDescription: String { "redacted" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
