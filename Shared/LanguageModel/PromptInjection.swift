/// Detects text that tries to give orders to a language model (prompt injection).
///
/// The text of a page is data. A model that summarizes it, or an assistant that reads its title in a document, might obey
/// orders in it.
package enum PromptInjection {
  /// The kinds of evidence.
  package struct Signs: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Phrases that address a model, or that go with orders to ignore instructions, anywhere in the text. Pages about
    /// language models contain them too, so this is for short texts: titles, descriptions, names of sections.
    package static let phrases = Signs(rawValue: 1)
    /// Sentences that order a model to do something, marks of a chat, and hidden characters.
    package static let orders = Signs(rawValue: 2)
    package static let all: Signs = [.phrases, .orders]
  }

  /// The bytes of a text that are searched for orders.
  static let maximumBytes = 8 * 16_384

  /// Whether a text has one of the signs.
  package static func isSuspected(in text: String, by signs: Signs = .all) -> Bool {
    if signs.contains(.phrases), hasPhrases(text) { return true }
    guard signs.contains(.orders) else { return false }
    let visible = VisibleText(PromptText.prefix(text, maximumBytes))
    return isSuspected(visible, PromptMarks.removed(from: visible.text))
  }

  /// Whether a text whose hidden characters and marks were removed had signs of orders.
  static func isSuspected(_ visible: VisibleText, _ marks: PromptMarks.Removal) -> Bool {
    visible.isSuspicious || marks.isSuspicious || hasOrders(visible.text)
  }

  // MARK: Phrases

  private static func hasPhrases(_ text: String) -> Bool {
    let text = Array(text.lowercased().utf8)
    func hasAny(_ phrases: [[UInt8]]) -> Bool { phrases.contains { contains(text, $0) } }
    return hasAny(addresses) || hasAny(subjects) && hasAny(verbs) && hasAny(earlier)
  }

  private static func contains(_ text: [UInt8], _ phrase: [UInt8]) -> Bool {
    guard phrase.count <= text.count else { return false }
    return (0...(text.count - phrase.count)).contains { start in
      phrase.indices.allSatisfy { text[start + $0] == phrase[$0] }
    }
  }

  private static func bytes(_ phrases: [String]) -> [[UInt8]] { phrases.map { Array($0.utf8) } }

  /// Phrases that address a model.
  private static let addresses = bytes([
    "system prompt", "you are an ai", "you are now", "as an ai language model", "dear ai", "attention ai",
  ])
  // A text with a phrase of each of these three groups tries to override instructions.
  private static let subjects = bytes(["instruction", "prompt", "guideline", "directions"])
  private static let verbs = bytes(["ignore", "disregard", "forget", "override"])
  private static let earlier = bytes(["previous", "prior", "above", "earlier", "preceding", "all", "your"])
}
