/// Untrusted text that is safe to put between the tags of a prompt.
///
/// A model may still believe or obey it: check ``isSuspicious``, and limit the model's answer by a schema.
package struct PromptText: Sendable, Equatable {
  package let text: String
  /// Whether the text contained marks of a chat or of our prompts, hidden characters, or orders to a model. A page about
  /// prompts may be suspicious by mistake.
  package let isSuspicious: Bool
  /// Whether the text was shortened.
  package let isCut: Bool

  /// Removes everything from a text that a model could take for something other than data.
  ///
  /// - Control characters except line ends and tabs, and invisible characters: zero-width characters, direction controls
  ///   (U+202A to U+202E, U+2066 to U+2069), variation selectors, Unicode tags (U+E0000 to U+E007F), and characters of the
  ///   categories format, private use and unassigned.
  /// - Marks of a chat: `<|…|>`, `[INST]`, `<<SYS>>`, and the colon of turns such as `Human:` at the start of a line.
  /// - The tags of our prompts, `<page …>`, `</page>` and `<site>`, in any case and with spaces anywhere.
  ///
  /// The rest is cut to `maximumBytes` at the end of a character. The first eight times `maximumBytes` of the original text
  /// are checked for ``PromptInjection``.
  package static func sanitize(_ text: String, maximumBytes: Int = 16_384) -> PromptText {
    let visible = VisibleText(prefix(text, 8 * max(0, min(maximumBytes, 1 << 24))))
    let marks = PromptMarks.removed(from: visible.text)
    let cut = prefix(marks.text, maximumBytes)
    return PromptText(
      text: cut, isSuspicious: PromptInjection.isSuspected(visible, marks),
      isCut: cut.utf8.count < marks.text.utf8.count || visible.originalBytes < text.utf8.count)
  }

  static func prefix(_ text: String, _ maximumBytes: Int) -> String {
    guard text.utf8.count > maximumBytes else { return text }
    var bytes = 0
    return String(
      text.prefix { character in
        bytes += character.utf8.count
        return bytes <= maximumBytes
      })
  }
}
