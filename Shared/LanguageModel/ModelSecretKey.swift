/// The key that requests to a provider carry: it prints, interpolates and reflects as `redacted`, and cannot be
/// encoded.
package struct ModelSecretKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
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

  /// Whether a text that came from outside quotes it, or twelve characters in a row of what is secret in it. What keys
  /// of a provider begin
  /// with, such as `sk-proj-`, is known to everybody.
  func occurs(in other: String) -> Bool {
    if other.contains(text) { return true }
    let start = text.prefix(20).lastIndex { $0 == "-" || $0 == "_" }.map { text.index(after: $0) } ?? text.startIndex
    let secret = Array(text[start...].utf8)
    let bytes = Array(other.utf8)
    guard secret.count >= Self.quoted, bytes.count >= Self.quoted else { return false }
    let pieces = Set((0...(secret.count - Self.quoted)).map { secret[$0..<($0 + Self.quoted)] })
    let letters = Set(secret)
    var run = 0
    for index in bytes.indices {
      run = letters.contains(bytes[index]) ? run + 1 : 0
      if run >= Self.quoted, pieces.contains(bytes[(index - Self.quoted + 1)...index]) { return true }
    }
    return false
  }

  private static let quoted = 12

  package var description: String { "redacted" }
  package var debugDescription: String { "redacted" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
