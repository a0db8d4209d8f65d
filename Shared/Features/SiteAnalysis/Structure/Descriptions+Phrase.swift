import Web

extension Descriptions {
  /// How well a sentence describes a page on its own.
  enum Quality {
    /// It makes a statement about a subject.
    case good
    /// It addresses the reader, refers to other text, or begins with a subordinate clause.
    case fair
    /// It is too short, or it begins with a pronoun or a conjunction and needs the sentence before it.
    case poor
  }

  static func quality(of text: String) -> Quality {
    let words = text.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "’" }
    if text.isUnspaced { return .fair }
    guard words.count >= 3, let first = words.first else { return .poor }
    if [
      "it", "they", "that", "these", "those", "this", "he", "she", "but", "and", "so", "however", "also", "thus",
      "such",
    ].contains(first) {
      return .poor
    }
    let addressed: Set<Substring> = [
      "you", "you're", "you’re", "you've", "you’ve", "we", "we'll", "we’ll", "i", "let's", "let’s", "our", "us",
    ]
    if words.contains(where: addressed.contains) { return .fair }
    // These words refer to other parts of the text.
    let pointing: Set<Substring> = [
      "previous", "previously", "earlier", "mentioned", "above", "listing", "preceding", "far",
    ]
    if words.contains(where: pointing.contains) { return .fair }
    if [
      "if", "when", "while", "in", "as", "for", "since", "once", "although", "after", "before", "because", "see",
      "note", "there", "here", "to", "with", "like", "first", "now", "then", "at", "some", "many", "most", "several",
      "besides", "unlike", "often", "sometimes", "usually", "right", "just", "next", "another", "until", "today",
      "each",
    ].contains(first)
      || first == "the" && ["first", "second", "third", "next", "last", "other", "rest"].contains(words[1])
    {
      return .fair
    }
    return .good
  }

  /// Whether a paragraph is prose rather than a label or the title of a box.
  static func isProse(_ paragraph: String) -> Bool {
    paragraph.last.map { ".!?:。！？".contains($0) } ?? false || paragraph.wordCount > 15
  }

  /// Whether a paragraph is metadata, a note or a command synopsis rather than text about the page's subject.
  static func isAside(_ paragraph: String) -> Bool {
    let starts = [
      "source code", "author", "new in version", "changed in version", "deprecated since", "note:", "warning",
      "copyright", "last updated", "last modified", "©", "release:", "date:", "posted", "by ", "table of contents",
      "updated", "published", "tip:", "important:", "availability:", "skip to", "this page was", "we use cookies",
      "edit on", "version:", "please see", "see ", "stability:", "welcome to", "template<", "this version of",
    ]
    let text = paragraph.prefix(40).lowercased()
    if ["new in ", "changed in ", "added in "].contains(where: text.hasPrefix), text.contains(where: \.isNumber) {
      return true
    }
    // Two or more `[ -` or `[-` mark the synopsis of a command.
    return starts.contains { text.hasPrefix($0) }
      || paragraph.ranges(of: "[ -").count + paragraph.ranges(of: "[-").count >= 2
  }

  /// Shortens a sentence about the page itself to the phrase after its verb: `This module provides a way …` becomes
  /// `Way …`.
  ///
  /// Returns other sentences unchanged, and `nil` for text that is not a sentence of at least four words.
  static func phrase(from sentence: String) -> String? {
    guard !sentence.hasSuffix(":"), sentence.first?.isLetter ?? false || sentence.first == "`" else { return nil }
    if sentence.isUnspaced { return sentence }
    let words = sentence.split(separator: " ")
    guard words.count >= 4 else { return nil }
    guard let subject = subjectLength(words) else { return sentence }
    var rest = words.dropFirst(subject)
    while let word = rest.first?.lowercased(),
      ["also", "briefly", "mainly", "simply", "currently", "first"].contains(word)
    {
      rest.removeFirst()
    }
    guard let verb = rest.first?.lowercased() else { return sentence }
    guard verbs.contains(verb) else {
      // "The functions in this chapter perform …" becomes "Perform …".
      guard isPlural(words), rest.count >= 4,
        !["are", "is", "were", "have", "can", "may", "will", "should", "must"].contains(verb)
      else { return sentence }
      return capitalized(rest.joined(separator: " "))
    }
    rest.removeFirst()
    // Keep "… describes this and provides that": the second verb needs the subject.
    let hasSecondVerb = zip(rest, rest.dropFirst()).contains {
      $0 == "and" && (verbs.contains($1.lowercased()) || $1.hasSuffix("es"))
    }
    if hasSecondVerb { return sentence }
    if verb == "deals" || verb == "deal", rest.first == "with" { rest.removeFirst() }
    if let article = rest.first?.lowercased(), ["a", "an", "the"].contains(article), rest.count > 3,
      !["number", "variety", "set", "list", "collection", "range", "series", "few", "lot"].contains(
        rest.dropFirst().first?.lowercased() ?? "")
    {
      rest.removeFirst()
    }
    guard rest.count >= 4 else { return sentence }
    return capitalized(rest.joined(separator: " "))
  }

  /// Capitalizes the first letter, unless the first word is an identifier or a name such as `tty.ReadStream`, `iOS` or
  /// `size_t`.
  static func capitalized(_ text: String) -> String {
    let word = text.prefix { !$0.isWhitespace }
    let isName = word.dropFirst().contains { $0.isUppercase } || word.dropLast().contains { "._(/`".contains($0) }
    return isName ? text : text.prefix(1).uppercased() + text.dropFirst()
  }

  private static func isPlural(_ words: [Substring]) -> Bool {
    ["modules", "functions", "classes", "sections", "packages"].contains {
      words.prefix(3).map { $0.lowercased() }.contains($0)
    }
  }

  /// Words that name a page or a unit of documentation.
  private static let nouns: Set<String> = [
    "module", "modules", "chapter", "section", "page", "document", "guide", "tutorial", "article", "package",
    "packages", "manual", "part", "howto", "reference", "library", "appendix", "book", "post", "faq", "documentation",
    "topic", "overview", "introduction", "specification", "functions", "classes", "sections",
  ]
  /// Verbs that introduce the contents of a page.
  private static let verbs: Set<String> = [
    "describes", "describe", "explains", "covers", "cover", "introduces", "provides", "provide", "defines", "define",
    "implements", "implement", "contains", "discusses", "documents", "document", "presents", "shows", "lists", "gives",
    "offers", "offer", "details", "outlines", "deals", "deal", "exposes", "includes", "summarizes", "summarises",
    "explores", "collects", "supplies", "supply", "specifies",
  ]

  /// Returns the number of words in a subject such as `This module`, `The json module` or `The modules described in
  /// this chapter`, or `nil` if the sentence has another subject.
  private static func subjectLength(_ words: [Substring]) -> Int? {
    guard ["this", "the", "these"].contains(words[0].lowercased()) else { return nil }
    for length in 1...3 where length < words.count {
      let word = words[length].lowercased()
      guard nouns.contains(word), !nouns.contains(words.dropFirst(length + 1).first?.lowercased() ?? "") else {
        continue
      }
      let rest = words.dropFirst(length + 1)
      if rest.first == "described" || rest.first == "documented", rest.dropFirst().first == "in", rest.count > 5 {
        return length + 5
      }
      if rest.first == "in", rest.dropFirst().first == "this", rest.count > 4 { return length + 4 }
      return length + 1
    }
    return nil
  }
}
