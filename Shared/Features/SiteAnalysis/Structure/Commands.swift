import LanguageModel

/// Tells texts that are meant for a program that might obey them rather than for somebody who chooses a page.
///
/// What a page says is data here; a title or a description would carry it on to those that read the file.
enum Commands {
  static func occur(in text: String) -> Bool {
    let text = Array(text.lowercased().utf8)
    return machines.occur(in: text) || orders.allSatisfy { $0.occur(in: text) }
  }

  private static let machines = Phrases([
    "system prompt", "you are an ai", "you are now", "as an ai language model", "dear ai", "attention ai",
  ])
  private static let orders = [
    Phrases(["instruction", "prompt", "guideline", "directions"]),
    Phrases(["ignore", "disregard", "forget", "override"]),
    Phrases(["previous", "prior", "above", "earlier", "preceding", "all", "your"]),
  ]
}

extension String {
  /// The text, unless it commands whoever reads it.
  var unlessCommand: String? { Commands.occur(in: self) || PromptText.fence(self).isSuspicious ? nil : self }

  /// How much it says by its length: the characters of Chinese, Japanese and Korean count twice, as they are twice as
  /// wide and
  /// say as much as two letters at least (Unicode Standard Annex 11).
  var breadth: Int {
    unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x1100...0x11ff, 0x2e80...0xd7ff, 0xf900...0xfaff, 0xff00...0xff60, 0x20000...0x3ffff: sum + 2
      default: sum + 1
      }
    }
  }
}
