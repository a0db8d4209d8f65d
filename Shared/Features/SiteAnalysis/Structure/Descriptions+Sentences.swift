import Web

extension Descriptions {
  /// How well a sentence describes a page on its own, by its words.
  enum Quality {
    /// It addresses the reader or begins with a subordinate clause.
    case remark
    case statement
  }

  /// How well a sentence describes a page, by its words and its place.
  enum Rank: Int, Comparable {
    /// A remark at the beginning of the page.
    case remark
    /// A statement at the beginning that has no word of the title.
    case statement
    /// A statement near the beginning that has a word of the title.
    case naming
    /// The first sentence, which has a word of the title.
    case leading
    /// A sentence that defines the subject of the title, or states its purpose.
    case defining

    static func < (first: Rank, second: Rank) -> Bool { first.rawValue < second.rawValue }
  }

  struct Candidate {
    let text: String
    let rank: Rank
  }

  /// The complete sentences at the beginning of a page, the best first.
  func candidates(_ page: Page, title: String) -> [Candidate] {
    var candidates: [Candidate] = []
    var position = 0
    for paragraph in page.paragraphs.prefix(6)
    where !Self.isAside(paragraph) && Self.isProse(paragraph)
      && !repeatedParagraphs.contains(Self.start(of: paragraph))
    {
      for (index, sentence) in Sentences.split(paragraph, upTo: 2).enumerated() {
        guard isComplete(sentence, title: title), !Self.isAside(sentence), !Self.isNoise(sentence),
          let quality = Self.quality(of: sentence)
        else { continue }
        if let rank = rank(of: sentence, quality, at: position, index, title: title) {
          candidates.append(Candidate(text: sentence, rank: rank))
        }
      }
      position += 1
    }
    return candidates.enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }.map(\.element)
  }

  /// The rank of a sentence, or `nil` if it describes only a part of the page.
  private func rank(of text: String, _ quality: Quality, at paragraph: Int, _ index: Int, title: String) -> Rank? {
    let isFirst = paragraph == 0 && index == 0
    if isDefinition(text, of: title), isFirst || paragraph < 3 && index == 0 || paragraph == 0 { return .defining }
    switch quality {
    case .remark: return isFirst && sharesWord(text, with: title) ? .remark : nil
    case .statement:
      if isFirst { return sharesWord(text, with: title) ? .leading : .statement }
      return paragraph + index == 1 && sharesWord(text, with: title) ? .naming : nil
    }
  }

  /// The quality of a sentence, or `nil` if it needs the sentence before it or text that is not there.
  static func quality(of text: String) -> Quality? {
    if text.isUnspaced {
      let pointing = ["以下", "次の", "下記", "上記", "下面", "如下", "上述", "これ", "それ", "この", "その", "这些", "它们"]
      return pointing.contains(where: text.hasPrefix) ? nil : .statement
    }
    let words = text.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "’" }
    guard words.count >= 4, let first = words.first else { return nil }
    if [
      "it", "they", "that", "these", "those", "he", "she", "but", "and", "so", "however", "also", "thus", "such",
      "therefore", "hence", "fortunately", "unfortunately", "indeed", "likewise", "similarly", "otherwise", "instead",
      "moreover", "furthermore", "additionally", "es", "sie", "er",
      "aber",
      "und", "diese", "dieser", "il", "elle", "ils", "elles", "mais", "ces", "cela", "ello", "pero", "estos", "estas",
    ].contains(first), !(first == "es" && words[1] == "un") {
      return nil
    }
    if first == "this", !ownNouns.contains(words[1]) { return nil }
    if words.contains(where: pointing.contains) { return nil }
    if words.contains(where: addressed.contains) || subordinate.contains(first)
      || first == "the" && ["first", "second", "third", "next", "last", "other", "rest"].contains(words[1])
    {
      return .remark
    }
    return .statement
  }

  private static let addressed: Set<Substring> = [
    "you", "you're", "you’re", "you've", "you’ve", "we", "we'll", "we’ll", "we've", "we’ve", "i", "i'm", "i’m", "let's",
    "let’s", "our", "us", "wir", "nous", "vous", "nosotros",
  ]

  /// Words that refer to other parts of the text.
  private static let pointing: Set<Substring> = [
    "previous", "previously", "earlier", "mentioned", "above", "below", "following", "follows", "preceding",
    "aforementioned", "shown", "unten", "oben", "folgende", "folgenden", "folgender", "dessous", "dessus", "suivant",
    "suivante", "suivants", "suivantes", "siguiente", "siguientes", "continuación", "seguinte", "seguintes", "seguente",
    "seguenti", "hieronder", "volgende",
  ]

  private static let subordinate: Set<Substring> = [
    "if", "when", "while", "in", "as", "for", "since", "once", "although", "after", "before", "because", "see",
    "note", "there", "here", "to", "with", "like", "first", "now", "then", "at", "some", "many", "most", "several",
    "besides", "unlike", "often", "sometimes", "usually", "right", "just", "next", "another", "until", "today",
    "each", "refer", "please", "click", "do", "don't", "don’t", "wenn", "si", "quand", "cuando", "maintenant",
  ]

  /// Words after `This` that name the subject of a page.
  private static let ownNouns: Set<Substring> = [
    "module", "package", "library", "class", "command", "tool", "guide", "tutorial", "function", "component", "plugin",
    "extension", "article", "chapter", "section", "page", "document", "manual", "reference", "api", "service", "option",
    "method", "interface", "program", "project", "book", "course", "howto", "handbook", "repository",
  ]

  /// Whether a sentence defines the title or says what its subject does: `Locks are …`, `Use a lock to …`, `This module
  /// provides …`.
  private func isDefinition(_ sentence: String, of title: String) -> Bool {
    if sentence.isUnspaced {
      return ["は", "是", "とは"].contains { mark in
        sentence.firstRange(of: mark).map { sharesWord(String(sentence[..<$0.lowerBound]), with: title) } ?? false
      }
    }
    let words = sentence.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }
    guard words.count >= 5 else { return false }
    if words[0] == "use", words.prefix(10).contains("to"), sharesWord(sentence, with: title) { return true }
    guard let verb = words.prefix(8).firstIndex(where: Self.definingVerbs.contains), verb > 0 else { return false }
    if words[0] == "this", Self.ownNouns.contains(words[1]) {
      // "This page documents …" points at the page rather than its subject.
      return verb == 2 && !["page", "section", "document", "chapter", "article"].contains(words[1])
    }
    return !Self.subordinate.contains(words[0]) && !words[..<verb].contains(where: Self.addressed.contains)
      && sharesWord(words[..<min(verb, 5)].joined(separator: " "), with: title)
  }

  private static let definingVerbs: Set<Substring> = [
    "is", "are", "was", "provides", "provide", "lets", "let", "allows", "allow", "enables", "enable", "helps", "help",
    "defines", "define", "supports", "support", "offers", "offer", "gives", "makes", "runs", "manages", "describes",
    "represents", "contains", "implements", "connects", "creates", "sends", "controls", "means", "ist", "sind",
    "bietet", "est", "sont", "permet", "permettent", "offre", "son", "permite", "permiten", "ofrece", "é", "são",
    "oferece", "è", "sono", "consente", "zijn", "biedt", "är", "er", "jest", "это", "является",
  ]

  /// Whether a text and a title have a word in common, compared by the first five letters, without the site's name if
  /// the title has other words.
  func sharesWord(_ text: String, with title: String) -> Bool {
    if title.isUnspaced || text.isUnspaced {
      let signs = Array(title.filter { $0.isLetter })
      return zip(signs, signs.dropFirst()).contains { text.contains(String([$0, $1])) }
    }
    func stems(_ text: String, without names: Set<String> = []) -> Set<Substring> {
      let words = text.plainWords.filter { $0.count >= 2 && !names.contains(String($0)) && !Self.fillers.contains($0) }
      return Set(words.map { ($0.count > 3 && $0.hasSuffix("s") ? $0.dropLast() : $0).prefix(5) })
    }
    let own = stems(title, without: names)
    return !stems(text).isDisjoint(with: own.isEmpty ? stems(title) : own)
  }

  private static let fillers: Set<Substring> = [
    "the", "and", "for", "with", "using", "use", "of", "to", "in", "on", "an", "is", "are", "how", "what", "your", "by",
    "from", "or", "as", "at", "des", "les", "de", "la", "le", "du", "et", "der", "die", "das", "und", "el", "los", "en",
  ]

  /// Whether a text is a statement from its beginning to its end: not a fragment, a question, code or an address.
  private func isComplete(_ sentence: String, title: String) -> Bool {
    let inner = sentence.trimmingSuffix(while: { "”\")»".contains($0) })
    guard let first = sentence.first, let mark = inner.last, !inner.hasSuffix("..") else { return false }
    // Some authors end a paragraph of one sentence without a period.
    guard ".!。！।".contains(mark) || (mark.isLetter || mark.isNumber) && (8...40).contains(sentence.wordCount) else {
      return false
    }
    if sentence.isUnspaced { return sentence.count >= 8 }
    if Self.isHeadline(sentence) { return false }
    if ["://", "@", "{", "};", "=>", " == ", "$ "].contains(where: sentence.contains) { return false }
    if first.isUppercase || first.isNumber || first.isLetter && !first.isLowercase || "\"“`‘'«¿¡".contains(first) {
      return true
    }
    // "uv is …" and "sqlite3_open() opens …" begin with a name.
    let word = sentence.prefix { $0.isLetter || $0.isNumber || "._-()/".contains($0) }
    return first.isLetter
      && (word.contains { $0.isUppercase || $0.isNumber || "._(/".contains($0) }
        || names.contains(word.lowercased()) || title.lowercased().plainWords.contains(Substring(word.lowercased())))
  }

  /// Whether nearly all words of a text are capitalized, as in a headline.
  private static func isHeadline(_ text: String) -> Bool {
    let words = text.split(separator: " ").filter { $0.first?.isLetter ?? false }
    return words.count >= 4 && words.count { $0.first!.isUppercase } * 5 >= words.count * 4
  }

  /// Whether a text refers to a numbered part, such as `Section 9.9` or `Table 8.4`.
  private static func refersToNumber(_ text: String) -> Bool {
    let words = text.split(separator: " ")
    return zip(words, words.dropFirst()).contains { word, next in
      ["section", "table", "figure", "chapter", "listing", "appendix", "abschnitt", "tabelle", "abbildung", "tableau"]
        .contains(word.trimmingPrefix("(")) && next.first?.isNumber ?? false
    }
  }

  /// Whether a paragraph is prose rather than a label or the title of a box.
  static func isProse(_ paragraph: String) -> Bool {
    paragraph.last.map { ".!?:。！？।”\")".contains($0) } ?? false || paragraph.wordCount > 15
  }

  /// Whether a paragraph is metadata, a note or a command synopsis rather than text about the page's subject.
  static func isAside(_ paragraph: String) -> Bool {
    let starts = [
      "source code", "author", "new in version", "changed in version", "deprecated since", "warning",
      "copyright", "last updated", "last modified", "©", "posted", "by ", "table of contents", "written by",
      "updated", "published", "skip to", "this page was", "we use cookies", "contributed by", "reviewed by",
      "maintained by",
      "edit on", "please see", "see ", "welcome to", "template<", "this version of", "translated by", "photo by",
      "you need to enable javascript", "please enable", "javascript is", "your browser", "loading", "sponsored",
      "this documentation is for", "you are viewing", "you are reading", "you're viewing",
    ]
    let text = paragraph.prefix(60).lowercased()
    if ["new in ", "changed in ", "added in ", "since ", "available in ", "available since "].contains(
      where: text.hasPrefix),
      text.prefix(40).contains(where: \.isNumber)
    {
      return true
    }
    if isLabelled(paragraph) || beginsWithDate(text) { return true }
    // Two or more `[ -` or `[-` mark the synopsis of a command.
    return starts.contains { text.hasPrefix($0) }
      || paragraph.ranges(of: "[ -").count + paragraph.ranges(of: "[-").count >= 2
  }

  /// Whether a paragraph begins with one or two words and a colon, such as `Note:`, `Args:` or `Remarque :`.
  private static func isLabelled(_ paragraph: String) -> Bool {
    guard let colon = paragraph.prefix(30).firstIndex(of: ":") else { return false }
    let label = paragraph[..<colon]
    let next = paragraph[paragraph.index(after: colon)...].first
    return next?.isWhitespace ?? true && label.split(separator: " ").count <= 2
      && label.allSatisfy { $0.isLetter || $0 == " " }
  }

  /// Whether a text begins with a version or a date, as entries of a changelog and bylines do.
  private static func beginsWithDate(_ text: String) -> Bool {
    guard text.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return false }
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "." && $0 != "-" && $0 != "/" }.prefix(4)
    guard let first = words.first else { return false }
    if Titles.isVersionNumber(first) { return true }
    let isYear = { (word: Substring) in word.count == 4 && Int(word).map { (1980...2100).contains($0) } ?? false }
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    let hasMonth = words.contains { word in months.contains { word.hasPrefix($0) && word.count <= 9 } }
    if hasMonth, words.contains(where: isYear) { return true }
    return first.count >= 8 && first.allSatisfy { $0.isNumber || "-/.".contains($0) }
  }

  /// Whether a sentence is about cookies, scripts, rights or the reader's next click.
  private static func isNoise(_ sentence: String) -> Bool {
    let text = sentence.lowercased()
    return refersToNumber(text)
      || [
        "cookie", "javascript enabled", "enable javascript", "all rights reserved", "min read", "minute read",
        "subscribe", "sign up", "click here", "read more", "continue reading", "this website uses", "skip to content",
        "was last", "table of contents", "page documents", "page is about", "this page is for", "can be found",
        "described in section",
        "free software foundation",
        "general public license", "redistribut", "under the terms of", "warranty", "for more information",
        "see the documentation", "not yet available", "is deprecated since",
      ].contains(where: text.contains)
  }
}
