import Web

/// One line that says what a page holds and helps to choose: its own description, else its first real sentence, else
/// the
/// topics that its headings name. None is better than a bad one.
struct Descriptions {
  /// Descriptions that too many pages share, or the home page has; each without the words that are the page's own.
  private let repeated: Set<String>
  /// Headings of so many pages that they are the template's.
  private let common: Set<String>
  private let home: NormalizedURL
  /// The longest description, as ``Swift/String/breadth`` counts.
  static let maximumLength = 180

  /// - Parameter titles: of the pages.
  init(_ pages: [Page], titles: [String], home: Page) {
    self.home = home.url
    var counts: [String: Int] = [:]
    for (page, title) in zip(pages, titles) {
      if let text = page.description { counts[Self.template(text, of: page, title), default: 0] += 1 }
    }
    repeated = Set(counts.filter { $0.value >= 3 }.keys).union(home.description.map { [$0] } ?? [])
    var headings: [String: Int] = [:]
    for page in pages {
      for heading in Set(page.headings.map { Titles.clean($0.text).lowercased() }) {
        headings[heading, default: 0] += 1
      }
    }
    common = Set(headings.filter { $0.value >= max(5, pages.count / 20) }.keys)
  }

  /// What is left of a description without the words of the page's title and address: where it is the same on many
  /// pages, a program
  /// filled it in.
  private static func template(_ text: String, of page: Page, _ title: String) -> String {
    let own = Set(
      ([title, page.title ?? "", page.heading ?? ""] + page.url.segments.suffix(1).map(String.init)).joined(
        separator: " "
      ).plainWords)
    return text.plainWords.map { own.contains($0) ? "\u{0}" : String($0) }.joined(separator: " ")
  }

  /// Leaves out, of descriptions wherever they come from, those that one template made for three pages or more.
  static func withoutTemplates(_ descriptions: [String?], _ pages: [Page], titles: [String]) -> [String?] {
    let templates = pages.indices.map { index in
      descriptions[index].map { template($0, of: pages[index], titles[index]) }
    }
    var counts: [String: Int] = [:]
    for template in templates { if let template { counts[template, default: 0] += 1 } }
    return pages.indices.map { index in templates[index].flatMap { counts[$0]! < 3 ? descriptions[index] : nil } }
  }

  /// - Parameter entries: what the site lists below the page, by name.
  func describe(_ page: Page, title: String, entries: [String] = []) -> String? {
    if let own = page.description, !repeated.contains(own), !repeated.contains(Self.template(own, of: page, title)),
      let text = Self.fitted(Self.capitalized(Self.phrase(from: own) ?? own), title: title)
    {
      return text
    }
    let contents = Self.listed(entries, title: title)
    let topics = contents ?? Self.listed(topics(of: page, title: title), title: title)
    // Of a page of questions, the questions say more than the first answer.
    if title.contains("FAQ") || title.lowercased().contains("questions") { return topics ?? Self.questions(of: page) }
    var fallback: String?
    let leads = page.paragraphs.prefix(4).filter { !Self.isAside($0) && Self.isRunning($0) }
    for (position, paragraph) in leads.prefix(2).enumerated() {
      guard let sentence = Sentences.first(of: paragraph), let phrase = Self.phrase(from: sentence),
        let text = Self.fitted(phrase, title: title)
      else { continue }
      // What opens a page may be a story or a remark: it counts where it says what the page is, or names its subject.
      switch Self.quality(of: text) {
      // Of what leads to others, what it leads to says more than how it begins; but a home page begins with what the
      // site is.
      case .good
      where phrase != sentence
        || (contents == nil || page.url == home) && position == 0 && Self.shares(text, with: title):
        return text
      case .good, .fair: if position == 0 { fallback = text }
      case .poor: break
      }
    }
    return topics ?? fallback
  }

  /// Whether a text names something that the title names.
  private static func shares(_ text: String, with title: String) -> Bool {
    func stems(_ text: String) -> Set<Substring> {
      Set(text.plainWords.filter { $0.count >= 3 }.map { $0.prefix(5) })
    }
    return !stems(text).subtracting(["the", "and", "for", "with", "using"]).isDisjoint(with: stems(title))
  }

  /// The site in one or two sentences, for a reader who knows nothing of it; nil where neither its home page nor
  /// another says what it is.
  ///
  /// - Parameters:
  ///   - pages: in the order in which a reader would meet them, the home page first.
  ///   - name: the site's.
  static func summary(of pages: [Page], named name: String) -> String? {
    let home = pages[0]
    let names = Set("\(home.title ?? "") \(home.heading ?? "") \(home.siteName ?? "")".plainWords)
    if let own = home.description?.unlessCommand, own.wordCount >= 4, !Set(own.plainWords).isSubset(of: names),
      let text = shortened(Sentences.split(own))
    {
      return text
    }
    func telling(_ page: Page) -> [String] {
      page.paragraphs.prefix(4).filter { !isAside($0) && !Commands.occur(in: $0) }.flatMap { Sentences.split($0) }
        .filter { $0.wordCount >= 5 && $0.last.map { ".!。！".contains($0) } ?? false && !isNotice($0) && !isAside($0) }
    }
    if let text = shortened(Array(telling(home).prefix(2))) { return text }
    // `PostgreSQL is an object-relational database …`, wherever that is said first.
    let word = name.prefix { $0.isLetter || $0.isNumber || ".-+#".contains($0) }
    guard word.count >= 3 else { return nil }
    for page in pages.dropFirst().prefix(40) {
      let starts = ["is a ", "is an ", "is the "].map { "\(word) \($0)" }
      if let sentence = telling(page).first(where: { sentence in starts.contains { sentence.hasPrefix($0) } }) {
        return shortened([sentence])
      }
    }
    return nil
  }

  /// What a licence says, or a notice on other editions, rather than what a site is; and what goes on from a sentence
  /// before.
  private static func isNotice(_ sentence: String) -> Bool {
    let text = sentence.lowercased()
    if let first = text.split(separator: " ").first,
      [
        "there", "you", "please", "if", "when", "after", "these", "they", "those", "also", "but", "and", "however",
        "as", "see",
      ].contains(first)
    {
      return true
    }
    return [
      "://", " also ", "available online", "available at", "free software foundation", "redistribut",
      "under the terms of", "general public license", "warranty", "copyright", "all rights reserved",
      "permission is granted", "licensed under",
    ]
    .contains { text.contains($0) }
  }

  /// As many sentences as fit; of a first one that does not, its clauses that do.
  private static func shortened(_ sentences: [String]) -> String? {
    guard let first = sentences.first else { return nil }
    guard first.breadth <= longestSummary else { return clause(of: first, limit: longestSummary) }
    var text = first
    for sentence in sentences.dropFirst() {
      let longer = text + (text.isUnspaced ? "" : " ") + sentence
      if longer.breadth > longestSummary { break }
      text = longer
    }
    return text
  }

  /// Good ones have 163 to 330 characters.
  private static let longestSummary = 400

  // MARK: One phrase

  private enum Quality { case good, fair, poor }

  private static func quality(of text: String) -> Quality {
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
    // What points elsewhere is for whoever has read on until here.
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

  /// Whether it is more than a label or the title of a box.
  private static func isRunning(_ paragraph: String) -> Bool {
    paragraph.last.map { ".!?:。！？".contains($0) } ?? false || paragraph.wordCount > 15
  }

  /// What is no running text about the page's subject, by how it begins.
  private static func isAside(_ paragraph: String) -> Bool {
    let starts = [
      "source code", "author", "new in version", "changed in version", "deprecated since", "note:", "warning",
      "copyright",
      "last updated", "last modified", "©", "release:", "date:", "posted", "by ", "table of contents", "updated",
      "published",
      "tip:", "important:", "availability:", "skip to", "this page was", "we use cookies", "edit on", "version:",
      "please see", "see ", "stability:",
      "welcome to", "template<", "this version of",
    ]
    let text = paragraph.prefix(40).lowercased()
    if ["new in ", "changed in ", "added in "].contains(where: text.hasPrefix), text.contains(where: \.isNumber) {
      return true
    }
    // How a command is called is code.
    return starts.contains { text.hasPrefix($0) }
      || paragraph.ranges(of: "[ -").count + paragraph.ranges(of: "[-").count >= 2
  }

  /// Takes `This module provides a way …` down to `Way …`: what the page is, without saying that it is a page.
  static func phrase(from sentence: String) -> String? {
    guard !sentence.hasSuffix(":"), sentence.first?.isLetter ?? false || sentence.first == "`" else { return nil }
    if sentence.isUnspaced { return sentence }
    let words = sentence.split(separator: " ")
    guard words.count >= 4 else { return nil }
    guard let subject = subjectLength(words) else { return sentence }
    var rest = words.dropFirst(subject)
    while let word = rest.first?.lowercased(),
      ["also", "briefly", "mainly", "simply", "currently", "first"].contains(word)
    { rest.removeFirst() }
    guard let verb = rest.first?.lowercased() else { return sentence }
    guard verbs.contains(verb) else {
      // "The functions in this chapter perform …" becomes what they do: "Perform …".
      guard isPlural(words), rest.count >= 4,
        !["are", "is", "were", "have", "can", "may", "will", "should", "must"].contains(verb)
      else { return sentence }
      return capitalized(rest.joined(separator: " "))
    }
    rest.removeFirst()
    // "… describes this and provides that": what it does second would hang in the air.
    let second = zip(rest, rest.dropFirst()).contains {
      $0 == "and" && (verbs.contains($1.lowercased()) || $1.hasSuffix("es"))
    }
    if second { return sentence }
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

  /// With a capital, unless its first word is a name of its own spelling: `tty.ReadStream`, `iOS`, `size_t`.
  private static func capitalized(_ text: String) -> String {
    let word = text.prefix { !$0.isWhitespace }
    let isName = word.dropFirst().contains { $0.isUppercase } || word.dropLast().contains { "._(/`".contains($0) }
    return isName ? text : text.prefix(1).uppercased() + text.dropFirst()
  }

  private static func isPlural(_ words: [Substring]) -> Bool {
    ["modules", "functions", "classes", "sections", "packages"].contains {
      words.prefix(3).map { $0.lowercased() }.contains($0)
    }
  }

  private static let nouns: Set<String> = [
    "module", "modules", "chapter", "section", "page", "document", "guide", "tutorial", "article", "package",
    "packages", "manual",
    "part", "howto", "reference", "library", "appendix", "book", "post", "faq", "documentation", "topic", "overview",
    "introduction",
    "specification", "functions", "classes", "sections",
  ]
  private static let verbs: Set<String> = [
    "describes", "describe", "explains", "covers", "cover", "introduces", "provides", "provide", "defines", "define",
    "implements", "implement",
    "contains", "discusses", "documents", "document", "presents", "shows", "lists", "gives", "offers", "offer",
    "details", "outlines", "deals",
    "deal", "exposes", "includes", "summarizes", "summarises", "explores", "collects", "supplies", "supply",
    "specifies",
  ]

  /// How many words `This module`, `The json module` or `The modules described in this chapter` take.
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

  // MARK: Fitting

  /// The text as one line without a final period, cut at a clause where it is too long; nil where nothing good is left.
  static func fitted(_ text: String, title: String) -> String? {
    var line = text.folded
    if let mark = ["[…]", "[...]", "…", "..."].first(where: line.hasSuffix) {
      // Somebody else cut it: what is whole of it may stay.
      guard let whole = whole(of: String(line.dropLast(mark.count))) else { return nil }
      line = whole
    }
    if line.breadth > maximumLength, let sentence = Sentences.first(of: line) { line = sentence }
    if line.breadth > maximumLength {
      guard let cut = clause(of: line, limit: maximumLength) else { return nil }
      line = cut
    }
    while let last = line.last, ".:;,…。：；，、".contains(last) || last.isWhitespace {
      if line.hasSuffix("etc.") { break }
      line.removeLast()
    }
    guard line.breadth >= 16, line.lowercased() != title.lowercased(), isBalanced(line), !line.contains("://") else {
      return nil
    }
    return line
  }

  /// The sentences of a cut text that are whole, or the clauses.
  private static func whole(of text: String) -> String? {
    let sentences = Sentences.split(text)
    return sentences.count > 1 ? sentences.dropLast().joined(separator: " ") : clause(of: text, limit: maximumLength)
  }

  private static func clause(of line: String, limit: Int) -> String? {
    var head = line.prefix(limit)
    while String(head).breadth > limit { head.removeLast() }
    var best: Substring?
    for boundary in ["; ", ", which ", ", and ", ", but ", ", so ", " (", "；", "，", "、"] {
      guard let range = head.ranges(of: boundary).last else { continue }
      let cut = head[..<range.lowerBound]
      // That may be the end of a list, which would lack it.
      if boundary == ", and ", cut.contains(", ") { continue }
      if String(cut).breadth >= 50, isBalanced(String(cut)), cut.count > best?.count ?? 0 { best = cut }
    }
    return best.map(String.init)
  }

  private static func isBalanced(_ text: String) -> Bool {
    var depth = 0
    var quotes = 0
    var backquotes = 0
    var opened = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "\"": quotes += 1
      case "`": backquotes += 1
      case "“": opened += 1
      case "”": opened -= 1
      default: break
      }
      if depth < 0 { return false }
    }
    return depth == 0 && opened == 0 && quotes.isMultiple(of: 2) && backquotes.isMultiple(of: 2)
  }

  // MARK: Topics

  static let empty: Set<String> = [
    "introduction", "overview", "see also", "notes", "references", "contents", "summary", "examples", "example",
    "on this page",
    "footnotes", "table of contents", "navigation", "related", "conclusion", "abstract", "what’s next", "next steps",
    "preface",
  ]

  /// What every page of a manual has.
  static let parts: Set<String> = [
    "name", "synopsis", "description", "options", "usage", "syntax", "arguments", "parameters", "return value",
    "return values", "returns", "errors",
    "exit status", "environment", "files", "diagnostics", "bugs", "history", "author", "authors", "copyright",
    "license", "standards", "conforming to",
    "details", "value", "configuration", "discussion", "further reading", "links", "comments", "external links",
  ]

  /// As many questions as fit in a line.
  private static func questions(of page: Page) -> String? {
    var text = ""
    for question in page.headings.map({ Titles.clean($0.text) })
    where question.hasSuffix("?") && (12...80).contains(question.count) {
      let longer = text.isEmpty ? question : text + " " + question
      if longer.breadth > maximumLength { break }
      text = longer
    }
    return text.isEmpty ? nil : text
  }

  private func topics(of page: Page, title: String) -> [String] {
    // Its own name is no topic of it, at whatever level it stands, and neither is what every page has.
    let headings = page.headings.filter { heading in
      let name = Titles.clean(heading.text).lowercased()
      return heading.level > 1 && name != title.lowercased() && !common.contains(name) && !Self.parts.contains(name)
    }
    let highest = headings.map(\.level).min()
    return headings.filter { $0.level == highest }.map(\.text)
  }

  /// Names in a row, as many as fit in a line; nil for fewer than three, unless two say as much.
  private static func listed(_ names: [String], title: String) -> String? {
    var kept: [String] = []
    for name in names.map({ Titles.clean($0.hasPrefix("◆") ? String($0.dropFirst()) : $0) }) where name.count > 1 {
      let lower = name.lowercased()
      if empty.contains(lower) || lower == title.lowercased() || name.count > 60 || kept.contains(name)
        || !isBalanced(name) || name.hasSuffix("?")
      {
        continue
      }
      if kept.joined(separator: ", ").count + name.count > 128 { break }
      kept.append(name)
    }
    let text = kept.joined(separator: ", ")
    return kept.count >= 3 || kept.count == 2 && text.count >= 40 ? text : nil
  }
}
