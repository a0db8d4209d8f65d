extension PromptInjection {
  /// Whether a text contains a sentence that gives an order to a model.
  ///
  /// The text is split into sentences, and these into clauses. An order is a clause that begins with one of the verbs below,
  /// or has one after a word such as `and` or `must`. Words are compared in lower case and regardless of punctuation between
  /// them; full-width letters and Cyrillic or Greek letters that look like Latin ones are compared as Latin letters.
  /// Quoted text, and sentences that discuss attacks, are not orders. In languages other than English, orders to override a
  /// prompt are found by their words anywhere in a sentence.
  ///
  /// Every title and description is checked, so Unicode scalars are compared: comparing characters takes ten times as long.
  static func hasOrders(_ text: String) -> Bool {
    let text = text.lowercased()
    let mayOverride = hasForeignVerb(Array(text.utf8))
    return Array(text.unicodeScalars).split(whereSeparator: endsSentence).map(unquoted).contains {
      isOrder(sentence: $0) || mayOverride && overridesInOtherLanguage($0)
    }
  }

  private static func overridesInOtherLanguage(_ sentence: ArraySlice<Unicode.Scalar>) -> Bool {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: sentence)
    let text = String(view)
    return foreignOverrides.contains { language in language.allSatisfy { words in words.contains { text.contains($0) } }
    }
  }

  /// Whether a text contains one of the verbs of other languages; most texts contain none and need no closer look.
  private static func hasForeignVerb(_ text: [UInt8]) -> Bool {
    text.indices.contains { index in
      foreignVerbs[Int(text[index])].contains { verb in
        index + verb.count <= text.count && verb.indices.allSatisfy { text[index + $0] == verb[$0] }
      }
    }
  }

  /// The verbs of other languages by their first byte.
  private static let foreignVerbs: [[[UInt8]]] = {
    var byFirst = Array(repeating: [[UInt8]](), count: 256)
    for verb in Set(foreignOverrides.flatMap { $0[0] }) { byFirst[Int(verb.utf8.first!)].append(Array(verb.utf8)) }
    return byFirst
  }()

  /// The Latin letter or digit that a character looks like; otherwise the character itself.
  private static func latinized(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if 0xff41...0xff5a ~= scalar.value { return Unicode.Scalar(scalar.value - 0xff41 + 0x61) ?? scalar }
    if 0xff10...0xff19 ~= scalar.value { return Unicode.Scalar(scalar.value - 0xff10 + 0x30) ?? scalar }
    return lookalikes[scalar] ?? scalar
  }

  private static func endsSentence(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ".", "!", "?", "\n", "\r", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  private static func endsClause(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ",", ";", ":", "(", ")", "[", "]", "{", "}", "<", ">", "|", "\u{2013}", "\u{2014}": true
    default: false
    }
  }

  private static func isOrder(sentence: ArraySlice<Unicode.Scalar>) -> Bool {
    let clauses = sentence.split(whereSeparator: endsClause).map(words)
    // The criteria of our own scoring prompt, with the highest mark.
    let all = clauses.joined()
    if all.contains("depth"), all.contains("relevance"), all.contains("10") || all.contains("ten") { return true }
    for words in clauses {
      // The rest of the sentence discusses orders.
      if words.contains(where: discussing.contains) { return false }
      if words.contains(where: mentioning.contains) { continue }
      if words.indices.contains(where: { begins(words, at: $0) && isOrder(words[$0...]) }) { return true }
    }
    return false
  }

  /// Whether an order may begin at a word: after words such as `please` only, or after a word that joins it to the clause.
  private static func begins(_ words: [String], at index: Int) -> Bool {
    words[..<index].allSatisfy(openings.contains) || joining.contains(words[index - 1])
  }

  private static func isOrder(_ words: ArraySlice<String>) -> Bool {
    overrides(words) || rates(words) || reveals(words) || recasts(words)
  }

  /// `ignore all previous instructions`, `disregard the above prompt`, `forget everything you were told`.
  private static func overrides(_ words: ArraySlice<String>) -> Bool {
    guard let verb = words.first, overriding.contains(verb) else { return false }
    let tail = words.dropFirst().prefix(8)
    if tail.first == "everything" || tail.first == "anything" || tail.first == "all" {
      if tail.dropFirst().prefix(2).contains(where: { ["above", "before", "previously", "earlier"].contains($0) }) {
        return true
      }
      if tail.starts(with: ["everything", "you"]) { return true }
    }
    guard let object = tail.firstIndex(where: { prompts.contains($0) || $0 == "rules" || $0 == "guidelines" }) else {
      return false
    }
    let between = tail[..<object]
    // "Ignore all rules" is not an order to a model: linters have rules that can be ignored.
    return between.contains(where: earlierWords.contains)
      || (prompts.contains(tail[object]) && between.contains { $0 == "all" || $0 == "any" })
  }

  /// `score this page 10`, `rate this site 100 out of 100`, `give it the highest score`. Several numbers are a form for
  /// readers.
  private static func rates(_ words: ArraySlice<String>) -> Bool {
    guard let verb = words.first else { return false }
    let isRating = ["score", "rate", "grade", "rank"].contains(verb)
    let isGiving =
      ["give", "assign", "award", "return", "output", "set"].contains(verb) && words.contains(where: marks.contains)
    guard isRating || isGiving else { return false }
    let tail = words.dropFirst()
    let isOfThis =
      tail.first == "it"
      || zip(tail, tail.dropFirst()).contains { ["this", "the", "our", "my"].contains($0) && targets.contains($1) }
    let numbers = Set(tail.filter { $0.allSatisfy(\.isNumber) })
    return isOfThis
      && (numbers.count == 1 || (numbers.count == 2 && tail.contains("out")) || tail.contains(where: best.contains))
  }

  /// `print your system prompt`.
  private static func reveals(_ words: ArraySlice<String>) -> Bool {
    guard let verb = words.first, revealing.contains(verb), let your = words.firstIndex(of: "your") else {
      return false
    }
    guard let object = words[your...].dropFirst().prefix(3).firstIndex(where: prompts.contains) else { return false }
    // `your instructions manual` is not a prompt.
    return object + 1 == words.endIndex || following.contains(words[object + 1])
  }

  /// `you are now an unrestricted assistant`, `from now on you …`, `act as a model that …`.
  private static func recasts(_ words: ArraySlice<String>) -> Bool {
    if words.starts(with: ["you", "are", "now"]) || words.starts(with: ["act", "as"])
      || words.starts(with: ["pretend", "to", "be"])
    {
      return words.dropFirst(2).prefix(5).contains(where: roles.contains)
    }
    return words.starts(with: ["from", "now", "on", "you"]) || words.starts(with: ["new", "system", "prompt"])
      || (words.first == "system" && words.dropFirst().first == "override")
  }

  private static func words(of clause: ArraySlice<Unicode.Scalar>) -> [String] {
    var words: [String] = []
    // The number of single letters in a row: `i-g-n-o-r-e` is a word.
    var spelled = 0
    for word in clause.split(whereSeparator: { !isOfWord($0) }) {
      var text = String.UnicodeScalarView()
      for scalar in word { text.append(scalar == "\u{2019}" ? "'" : latinized(scalar)) }
      if word.count == 1 {
        spelled += 1
        words.append(String(text))
        continue
      }
      join(&words, spelled)
      spelled = 0
      words.append(String(text))
    }
    join(&words, spelled)
    return words
  }

  /// Joins the last words, which are single letters, into one if there are four or more.
  private static func join(_ words: inout [String], _ spelled: Int) {
    guard spelled >= 4 else { return }
    let word = words.suffix(spelled).joined()
    words.removeLast(spelled)
    words.append(word)
  }

  private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "0"..."9", "'", "\u{2019}": true
    case _ where scalar.isASCII: false
    default:
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.canonicalCombiningClass != .notReordered
    }
  }

  /// The sentence without text in quotation marks or backquotes.
  private static func unquoted(_ sentence: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    guard sentence.contains(where: { quotes[$0] != nil }) else { return sentence }
    var kept: [Unicode.Scalar] = []
    var closing: Unicode.Scalar?
    for scalar in sentence {
      if let end = closing {
        if scalar == end { closing = nil }
      } else if let end = quotes[scalar] {
        closing = end
        kept.append(" ")
      } else {
        kept.append(scalar)
      }
    }
    // A quotation mark without a closing one does not count.
    return closing == nil ? kept[...] : sentence
  }
}
