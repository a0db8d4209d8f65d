import Web

extension FileRules {
  /// Title, summary and the text up to the first section.
  mutating func checkHead() {
    checkTitle()
    checkSummary()
    for element in file.head {
      let text = file.lines[element.line - 1]
      switch element.kind {
      case .code where text.hasPrefix("##"):
        report(
          .fencedHeading, element.line, "readers take this line of code for a section, as it begins with ##",
          fix: "indent it, or leave it out")
      case .heading(let level, let name, false) where level > 2: reportSubheading(element.line, level, name)
      case .text: checkDirective(element.line, text)
      default: break
      }
    }
  }

  private mutating func checkTitle() {
    let first = file.head.first
    let place = first?.line ?? file.sections.first?.line ?? 1
    guard let (line, title) = file.title, !title.isEmpty else {
      let name = location.map { $0.host } ?? "Name"
      report(.missingTitle, place, "the file does not begin with a title", fix: "# \(name)")
      return
    }
    if let first, first.line < line {
      report(
        .textBeforeTitle, first.line, "readers drop what stands before the title", fix: "begin the file with # \(title)"
      )
    }
    for element in file.head where element.line > line {
      if case .heading(1, let name, false) = element.kind {
        report(.secondTitle, element.line, "a second title; a file has one", fix: "## \(name)")
      }
    }
    if let mark = [" | ", " — ", " – ", " - ", " :: ", " · "].compactMap({ title.firstRange(of: $0) }).min(by: {
      $0.lowerBound < $1.lowerBound
    }), mark.lowerBound > title.startIndex {
      report(
        .nameSuffix, line, "the title is the bare name in good files; what the site does stands in the blockquote",
        fix: "# \(title[..<mark.lowerBound])")
    }
    let raw = file.lines[line - 1].drop { $0 == "#" }
    if raw.first != " " {
      report(.headingSpace, line, "no space parts # from the title, so Markdown takes it for text", fix: "# \(title)")
    }
    // Without its summary or an empty line, the title takes in what follows it.
    let isRead = file.reference.head?.title.folded == title || file.hasCarriageReturns
    if !isRead, !file.hasByteOrderMark {
      report(
        .titleAlone, line,
        "readers do not find the end of the title: an empty line and text must follow it, before the first section",
        fix: "# \(title), an empty line, > one sentence on what it is, an empty line, and a paragraph")
    }
  }

  private mutating func checkSummary() {
    guard let (line, first) = file.quotes.first else {
      report(
        .missingSummary, file.title?.line ?? 1, "no blockquote says what the site is",
        fix: "> \(file.title?.text ?? "Name") is …: its category, for whom, and two to four things that it does")
      return
    }
    if file.quotes.count > 1 {
      let text = file.quotes.map(\.text).filter { !$0.isEmpty }.joined(separator: " ")
      report(
        .summaryLines, file.quotes[1].line,
        "only the first line of the blockquote is read as the summary, the others as text", fix: "> \(text)")
    }
    let length = file.quotes.reduce(0) { $0 + $1.text.count }
    if length > 500 {
      report(
        .longSummary, line, "the summary has \(length) characters; good ones have 160 to 330",
        fix: "keep two sentences, and move the rest below")
    }
    guard let head = file.reference.head, head.summary == nil else { return }
    // Below it there must be a text, above it none.
    let hasText = file.head.contains { element in
      if case .quote = element.kind { return false }
      return element.line > file.title?.line ?? 0
    }
    if hasText {
      report(
        .lostSummary, line, "readers lose the summary: it must stand right below the title",
        fix: "move this line below the title: > \(first)")
    } else {
      report(
        .lostSummary, line, "readers lose the summary, because no paragraph follows it before the first section",
        fix: "add a paragraph below it, such as: The pages are listed below.")
    }
  }

  /// Lines that belong in a robots.txt.
  mutating func checkDirective(_ line: Int, _ text: String) {
    let key = text.prefix { $0 != ":" }.lowercased().filter { $0 != " " && $0 != "\t" }
    guard text.contains(":"), ["user-agent", "disallow", "allow", "crawl-delay", "noindex"].contains(key) else {
      return
    }
    report(
      .robotsDirective, line, "this is a line of a robots.txt, and means nothing here", fix: "move it to /robots.txt")
  }

  mutating func reportSubheading(_ line: Int, _ level: Int, _ name: String) {
    report(
      .subheading, line,
      "readers take this for a section of its own, called \(String(repeating: "#", count: level - 2)) \(name)",
      fix: "## \(name)")
  }
}
