/// A provider's API key. It prints, interpolates and reflects as `redacted`, and cannot be encoded.
package struct ModelSecretKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// - Returns: nil if the text is empty or has characters that a header cannot hold.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    self.text = text
  }

  /// The request header that carries the key.
  func header(for dialect: ModelDialect) -> (name: String, value: String) {
    switch dialect {
    case .openAI: ("Authorization", "Bearer \(text)")
    case .anthropic: ("x-api-key", text)
    }
  }

  /// True if a text from outside contains the key, or twelve consecutive characters of its secret part. The prefix of a
  /// provider's keys, such as `sk-proj-`, is public.
  func occurs(in other: String) -> Bool {
    if other.contains(text) { return true }
    let start = text.prefix(20).lastIndex { $0 == "-" || $0 == "_" }.map { text.index(after: $0) } ?? text.startIndex
    let secret = Array(text[start...].utf8)
    let bytes = Array(other.utf8)
    guard secret.count >= Self.minimumMatch, bytes.count >= Self.minimumMatch else { return false }
    let pieces = Set((0...(secret.count - Self.minimumMatch)).map { secret[$0..<($0 + Self.minimumMatch)] })
    let letters = Set(secret)
    var run = 0
    for index in bytes.indices {
      run = letters.contains(bytes[index]) ? run + 1 : 0
      if run >= Self.minimumMatch, pieces.contains(bytes[(index - Self.minimumMatch + 1)...index]) { return true }
    }
    return false
  }

  private static let minimumMatch = 12

  package var description: String { "redacted" }
  package var debugDescription: String { "redacted" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
