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
      case .heading(let level, let name, false)
      where level == 1 && LLMSLink(text) != nil && element.line == file.title?.line:
        reportLink(inHeading: element.line, "# \(LLMSLink(text)?.plainTitle ?? name)")
      case .text:
        checkDirective(element.line, text)
        checkUnreadLink(element.line, text)
      default: break
      }
    }
  }

  private mutating func checkTitle() {
    let first = file.head.first
    let place = first?.line ?? file.sections.first?.line ?? 1
    guard let (line, title) = file.title, !title.isEmpty else {
      reportMissingTitle(place)
      return
    }
    if let end = file.frontMatterEnd {
      report(.textBeforeTitle, 1, "clients ignore front matter", fix: "remove lines 1 to \(end)")
    }
    if let first = file.head.first(where: { $0.line > file.frontMatterEnd ?? 0 }), first.line < line {
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

  /// Reports a missing title, with the text that is probably meant as the title.
  private mutating func reportMissingTitle(_ place: Int) {
    let start = file.frontMatterEnd ?? 0
    let first = file.head.first { element in
      if case .comment = element.kind { return false }
      return element.line > start && file.lines[element.line - 1].contains { $0.isLetter || $0.isNumber }
    }
    let line = first?.line ?? file.sections.first?.line ?? place
    let text = first.map { HTMLLine.markdown(file.lines[$0.line - 1]) } ?? ""
    let plain = text.drop { "#*_ \t".contains($0) }.reversed().drop { "#*_ \t".contains($0) }.reversed()
    let name = String(plain)
    if let title = underlined[line] {
      report(
        .missingTitle, line, "clients do not read a title that is underlined; remove the line below it, too",
        fix: "# \(title)")
    } else if first == nil, let section = file.sections.first, section.links.isEmpty, !section.name.isEmpty {
      report(
        .missingTitle, line, "the file begins with a heading of the second level instead of a title",
        fix: "# \(section.name)")
    } else if case .heading(_, let name, _)? = first?.kind, !name.isEmpty {
      report(
        .missingTitle, line, "the title must be a heading of the first level that is not indented", fix: "# \(name)")
    } else if let kind = first?.kind, kind == .text, LLMSLink(name) == nil, (1...60).contains(name.count),
      !".:!?>|".contains(name.last ?? "."), !name.contains("://")
    {
      report(.missingTitle, line, "the file does not begin with a title", fix: "# \(name)")
    } else {
      let title = file.lines.prefix(start).first { $0.hasPrefix("title:") }
        .map { $0.dropFirst(6).filter { !"\"'".contains($0) }.folded }
      report(
        .missingTitle, place, "the file does not begin with a title", fix: "# \(title ?? location?.host ?? "Name")")
    }
  }

  /// Reports a list item or table row before the first section if its link is of a form that clients do not read.
  private mutating func checkUnreadLink(_ line: Int, _ text: String) {
    if let name = underlined[line], line != file.head.first?.line || file.title != nil {
      reportUnderlined(line, name)
      return
    }
    let start = text.drop { $0 == " " || $0 == "\t" }
    let isItem = ["- ", "* ", "+ ", "<li", "http://", "https://", "<http"].contains { start.lowercased().hasPrefix($0) }
    guard isItem || start.first?.isNumber ?? false, let malformed = MalformedLine(text, definitions: definitions) else {
      return
    }
    switch malformed.form {
    case .referenceLink:
      report(
        .referenceLink, line, "clients do not read reference links", fix: malformed.fix, severity: .warning)
    case .bareURL:
      report(.bareURL, line, "clients do not read a URL that is not a link", fix: malformed.fix, severity: .warning)
    default: break
    }
  }

  mutating func reportUnderlined(_ line: Int, _ name: String) {
    report(
      .underlinedHeading, line, "clients do not read a heading that is underlined; remove the line below it, too",
      fix: "## \(name)")
  }

  mutating func reportLink(inHeading line: Int, _ fix: String) {
    report(.linkInHeading, line, "clients use the whole markup of the link as the name", fix: fix)
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
    if let malformed = MalformedLine(file.lines[line - 1], definitions: definitions) {
      report(.subheading, line, "clients parse this as a section, not as a link", fix: malformed.fix)
      return
    }
    report(
      .subheading, line,
      "clients parse this as a section with the name \(String(repeating: "#", count: level - 2)) \(name)",
      fix: "## \(name)")
  }
}
