import Web

extension FileRules {
  /// Checks the title, the summary and the text before the first section.
  mutating func checkHead() {
    checkTitle()
    checkSummary()
    for element in file.head {
      let text = file.lines[element.line - 1]
      switch element.kind {
      case .code where text.hasPrefix("##"):
        report(
          .fencedHeading, element.line, "clients parse this line of code as a section, because it begins with ##",
          fix: "indent it, or remove it")
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
        .textBeforeTitle, first.line, "clients ignore text before the title", fix: "begin the file with # \(title)")
    }
    for element in file.head where element.line > line {
      if case .heading(1, let name, false) = element.kind {
        report(.secondTitle, element.line, "the file has a second title", fix: "## \(name)")
      }
    }
    if let mark = [" | ", " — ", " – ", " - ", " :: ", " · "].compactMap({ title.firstRange(of: $0) }).min(by: {
      $0.lowerBound < $1.lowerBound
    }), mark.lowerBound > title.startIndex {
      report(
        .nameSuffix, line, "the title should be only the name; describe the site in the blockquote",
        fix: "# \(title[..<mark.lowerBound])")
    }
    let raw = file.lines[line - 1].drop { $0 == "#" }
    if raw.first != " " {
      report(.headingSpace, line, "a space is missing after #, so Markdown parses the line as text", fix: "# \(title)")
    }
    // The reference parser needs an empty line or a summary to find the end of the title.
    let isParsed = file.reference.head?.title.folded == title || file.hasCarriageReturns
    if !isParsed, !file.hasByteOrderMark {
      report(
        .titleAlone, line,
        "clients do not find the end of the title: an empty line and text must follow it before the first section",
        fix: "# \(title), an empty line, > one sentence that defines it, an empty line, and a paragraph")
    }
  }

  private mutating func checkSummary() {
    guard let (line, first) = file.quotes.first else {
      report(
        .missingSummary, file.title?.line ?? 1, "the blockquote that describes the site is missing",
        fix: "> \(file.title?.text ?? "Name") is …: its category, its audience, and two to four of its functions")
      return
    }
    if file.quotes.count > 1 {
      let text = file.quotes.map(\.text).filter { !$0.isEmpty }.joined(separator: " ")
      report(
        .summaryLines, file.quotes[1].line,
        "clients use only the first line of the blockquote as the summary", fix: "> \(text)")
    }
    let length = file.quotes.reduce(0) { $0 + $1.text.count }
    if length > 500 {
      report(
        .longSummary, line, "the summary has \(length) characters; good summaries have 160 to 330",
        fix: "keep two sentences, and move the rest below the blockquote")
    }
    guard let head = file.reference.head, head.summary == nil else { return }
    // The reference parser needs text below the summary and none above it.
    let hasText = file.head.contains { element in
      if case .quote = element.kind { return false }
      return element.line > file.title?.line ?? 0
    }
    if hasText {
      report(
        .lostSummary, line, "clients do not find the summary: it must directly follow the title",
        fix: "move this line below the title: > \(first)")
    } else {
      report(
        .lostSummary, line,
        "clients do not find the summary, because no paragraph follows it before the first section",
        fix: "add a paragraph below it, such as: The pages are listed below.")
    }
  }

  /// Reports lines that belong in a robots.txt.
  mutating func checkDirective(_ line: Int, _ text: String) {
    let key = text.prefix { $0 != ":" }.lowercased().filter { $0 != " " && $0 != "\t" }
    guard text.contains(":"), ["user-agent", "disallow", "allow", "crawl-delay", "noindex"].contains(key) else {
      return
    }
    report(
      .robotsDirective, line, "this is a robots.txt directive; it has no effect here", fix: "move it to /robots.txt")
  }

  mutating func reportSubheading(_ line: Int, _ level: Int, _ name: String) {
    report(
      .subheading, line,
      "clients parse this as a section with the name \(String(repeating: "#", count: level - 2)) \(name)",
      fix: "## \(name)")
  }
}
