import Web

/// What can be said of an llms.txt without asking anybody: its own text, and how the reference parser reads it.
struct FileRules {
  let file: LLMSFile
  /// Where the file stands; nil where that is not known.
  let location: NormalizedURL?
  /// Whether links will be asked for, too, which tells more of some of them.
  let isOnline: Bool
  /// What the reference parser reads, by line.
  let readLinks: [Int: ReferenceReading.Link]
  private(set) var issues: [Finding] = []

  init(_ file: LLMSFile, location: NormalizedURL?, isOnline: Bool) {
    self.file = file
    self.location = location
    self.isOnline = isOnline
    readLinks = Dictionary(file.reference.sections.flatMap(\.links).map { ($0.line, $0) }) { first, _ in first }
  }

  static func issues(of file: LLMSFile, location: NormalizedURL?, isOnline: Bool) -> [Finding] {
    var rules = FileRules(file, location: location, isOnline: isOnline)
    rules.checkBytes()
    guard !rules.issues.contains(where: { $0.rule == .emptyFile }) else { return rules.issues }
    rules.checkCharacters()
    rules.checkHead()
    rules.checkSections()
    rules.checkTargets()
    rules.checkDescriptions()
    rules.checkShape()
    rules.checkWhatIsLost()
    return rules.issues
  }

  mutating func report(_ rule: Rule, _ line: Int, _ message: String, fix: String, severity: Finding.Severity? = nil) {
    issues.append(Finding(severity: severity ?? rule.severity, rule: rule, line: line, message: message, fix: fix))
  }

  private mutating func checkBytes() {
    if !file.isUTF8 { report(.notUTF8, 1, "the file is not valid UTF-8", fix: "save it in UTF-8") }
    guard let first = file.lines.firstIndex(where: { line in line.contains { !$0.isWhitespace } }) else {
      report(.emptyFile, 1, "the file is empty", fix: "`local-runner llms URL` writes one")
      return
    }
    if file.hasByteOrderMark {
      report(
        .byteOrderMark, 1, "a byte order mark stands before the title, so readers find no title",
        fix: "save the file as UTF-8 without one")
    }
    if file.hasCarriageReturns {
      report(
        .carriageReturns, first + 1, "lines end in CR LF, and the CR stays in titles, names and descriptions",
        fix: "let lines end in LF alone")
    }
    if file.characters < 50 {
      report(
        .tooShort, 1, "the file has \(file.characters) characters; nobody learns a site from fewer than 50",
        fix: "list the site's main pages")
    }
    if file.characters > 100_000 {
      report(
        .tooLarge, 1, "the file has \(file.characters) characters, and clients cut near 100,000",
        fix: "keep the hubs, under 50,000 characters, and link llms.txt files of the site's parts")
    } else if file.characters > 50_000 {
      report(
        .large, 1, "the file has \(file.characters) characters; under 50,000 is good",
        fix: "keep the hubs, and link llms.txt files of the site's parts")
    }
    if let line = file.openFence {
      report(
        .unclosedFence, line, "nothing closes this code fence, so all below it is code",
        fix: "close it with \(file.lines[line - 1].prefix { "`~ ".contains($0) })")
    }
  }

  /// Characters that nobody sees: controls, marks of direction, zero-width spaces, tags. The joiners are part of words
  /// and pictures.
  private mutating func checkCharacters() {
    for (index, line) in file.lines.enumerated() {
      let hidden = line.unicodeScalars.first { scalar in
        switch scalar.properties.generalCategory {
        case .format: !["\u{200c}", "\u{200d}", "\u{feff}"].contains(scalar)
        case .control: scalar != "\t" && scalar != "\r"
        default: false
        }
      }
      guard let hidden else { continue }
      report(
        .invisibleCharacters, index + 1,
        "the line holds U+\(String(hidden.value, radix: 16, uppercase: true)), which nobody sees and programs read",
        fix: "write it without")
    }
  }

  // MARK: What nothing else explains

  /// Whatever the reference parser fails on or loses, and no rule has told yet: so that nothing passes that it cannot
  /// read.
  private mutating func checkWhatIsLost() {
    let told = Set(issues.filter { $0.severity < .notice }.map(\.line))
    let failing = Set(issues.filter { $0.severity == .error }.map(\.line))
    let code = Set(
      file.sections.flatMap(\.elements).filter { [.code, .comment, .fence].contains($0.kind) }.map(\.line))
    for line in file.reference.unreadableLines where !failing.contains(line) && !code.contains(line) {
      report(
        .unreadableLine, line, "the format's reference parser fails at this line: it is no link",
        fix: "write - [Title](https://…): description")
    }
    guard !file.hasCarriageReturns else { return }
    var written: [Int: LLMSLink] = [:]
    for (line, link) in file.links { written[line] = link }
    for link in file.reference.sections.flatMap(\.links) where !told.contains(link.line) {
      guard let own = written[link.line] else { continue }
      let isWhole =
        link.title.folded == own.title.folded && link.url.folded == own.url
        && (link.description?.folded ?? "") == (own.description?.folded ?? "")
      if !isWhole {
        report(
          .lostText, link.line, "the format's reference parser reads only [\(link.title)](\(link.url)) here",
          fix: own.corrected)
      }
    }
  }
}
