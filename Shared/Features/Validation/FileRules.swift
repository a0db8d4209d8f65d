import Web

/// Checks an llms.txt without network access: its text, and the result of the reference parser.
struct FileRules {
  let file: LLMSFile
  /// The URL of the file, if known.
  let location: NormalizedURL?
  /// Whether network checks follow. They replace some of these checks.
  let isOnline: Bool
  /// The links that the reference parser finds, by line.
  let parsedLinks: [Int: ReferenceParserResult.Link]
  /// The URLs of the file's reference links by their names in lower case.
  let definitions: [String: String]
  /// The headings that are underlined with `=` or `-` instead of marked with `#`, by line.
  let underlined: [Int: String]
  private(set) var issues: [Finding] = []

  init(_ file: LLMSFile, location: NormalizedURL?, isOnline: Bool) {
    self.file = file
    self.location = location
    self.isOnline = isOnline
    parsedLinks = Dictionary(file.reference.sections.flatMap(\.links).map { ($0.line, $0) }) { first, _ in first }
    definitions = Dictionary(file.lines.compactMap(ReferenceLinks.definition)) { first, _ in first }
    underlined = file.underlinedHeadings
  }

  /// Runs all checks. An empty file has a single finding.
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
    rules.checkUnreportedLoss()
    return rules.issues
  }

  mutating func report(_ rule: Rule, _ line: Int, _ message: String, fix: String, severity: Finding.Severity? = nil) {
    issues.append(Finding(severity: severity, rule: rule, line: line, message: message, fix: fix))
  }

  private mutating func checkBytes() {
    if !file.isUTF8 { report(.notUTF8, 1, "the file is not valid UTF-8", fix: "save it in UTF-8") }
    guard let first = file.lines.firstIndex(where: { line in line.contains { !$0.isWhitespace } }) else {
      report(.emptyFile, 1, "the file is empty", fix: "generate one with `local-runner llms URL`")
      return
    }
    if file.hasByteOrderMark {
      report(
        .byteOrderMark, 1, "the file begins with a byte order mark, so clients do not find the title",
        fix: "save the file as UTF-8 without a byte order mark")
    }
    if file.hasCarriageReturns {
      report(
        .carriageReturns, first + 1, "lines end in CR LF, and the CR stays in titles, names and descriptions",
        fix: "end lines with LF")
    }
    if file.characters < 50 {
      report(
        .tooShort, 1, "the file has only \(file.characters) characters; fewer than 50 cannot describe a site",
        fix: "list the site's main pages")
    }
    if file.characters > 100_000 {
      report(
        .tooLarge, 1, "the file has \(file.characters) characters; clients truncate near 100,000",
        fix: "keep the main pages, under 50,000 characters, and link separate llms.txt files for parts of the site")
    } else if file.characters > 50_000 {
      report(
        .large, 1, "the file has \(file.characters) characters; recommended are fewer than 50,000",
        fix: "keep the main pages, and link separate llms.txt files for parts of the site")
    }
    if let line = file.openFence {
      report(
        .unclosedFence, line, "this code fence is not closed, so the rest of the file is code",
        fix: "close it with \(file.lines[line - 1].prefix { "`~ ".contains($0) })")
    }
  }

  /// Reports invisible characters: controls, direction marks, zero-width spaces, tags.
  ///
  /// Joiners and variation selectors are allowed, because words of some scripts and emoji contain them.
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
        "the line contains the invisible character U+\(String(hidden.value, radix: 16, uppercase: true))",
        fix: "remove the character")
    }
  }

  // MARK: Reference parser

  /// Reports lines on which the reference parser fails or loses text and that have no other finding.
  ///
  /// This guarantees that no file passes that the reference parser cannot read.
  private mutating func checkUnreportedLoss() {
    let reported = Set(issues.filter { $0.severity < .notice }.map(\.line))
    let failing = Set(issues.filter { $0.severity == .error }.map(\.line))
    let code = Set(
      file.sections.flatMap(\.elements).filter { [.code, .comment, .fence].contains($0.kind) }.map(\.line))
    let underlines = Set(underlined.keys.map { $0 + 1 })
    for line in file.reference.unreadableLines
    where !underlines.contains(line) && !failing.contains(line) && !code.contains(line) {
      report(
        .unreadableLine, line, "the format's reference parser fails on this line: it is not a link",
        fix: "write - [Title](https://…): description")
    }
    guard !file.hasCarriageReturns else { return }
    var written: [Int: LLMSLink] = [:]
    for (line, link) in file.links { written[line] = link }
    for link in file.reference.sections.flatMap(\.links) where !reported.contains(link.line) {
      guard let own = written[link.line] else { continue }
      let isComplete =
        link.title.folded == own.title.folded && link.url.folded == own.url
        && (link.description?.folded ?? "") == (own.description?.folded ?? "")
      if link.url.folded != own.url {
        report(
          .lostText, link.line, "clients use \(link.url) as the URL, because they take all that is in the parentheses",
          fix: own.corrected)
      } else if !isComplete {
        report(
          .lostText, link.line, "the format's reference parser finds only [\(link.title)](\(link.url)) on this line",
          fix: own.corrected)
      }
    }
  }
}
