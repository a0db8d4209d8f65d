import Web

extension FileRules {
  /// Checks the sections and the syntax of their links.
  mutating func checkSections() {
    let links = file.headLinks.count + issues.count { $0.rule == .bareURL || $0.rule == .referenceLink }
    if file.sections.isEmpty, !file.headLinks.isEmpty {
      report(
        .noSections, file.headLinks[0].line,
        "the file has no sections, so clients do not find \(links == 1 ? "its link" : "its \(links) links")",
        fix: underlined.isEmpty
          ? "add a heading, such as ## Docs, above the links" : "mark the headings with ## instead of underlining them")
    } else if file.links.isEmpty {
      report(
        .noLinks, file.sections.first?.line ?? 1, "the file has no links",
        fix: "list the main pages below a heading, such as ## Docs: - [Title](https://…): description")
    }
    if !file.sections.isEmpty, let (line, _) = file.headLinks.first(where: { $0.link.marker != .none }) {
      let count = file.headLinks.count { $0.link.marker != .none }
      report(
        .linksBeforeSections, line,
        "\(count == 1 ? "a link is" : "\(count) links are") before the first section, so clients do not find it",
        fix: "add a heading, such as ## Docs, above")
    }
    for section in file.reference.sections where section.isOverwritten {
      report(
        .duplicateSection, section.line,
        "a later section with the same name, \(section.name.folded), replaces this one",
        fix: "merge the two sections, or rename one")
    }
    for section in file.sections { check(section) }
  }

  private mutating func check(_ section: LLMSFile.Section) {
    let heading = file.lines[section.line - 1]
    if section.name.isEmpty {
      report(
        .emptyHeading, section.line, "the heading has no name, so clients use the next line as its name", fix: "## Name"
      )
    } else if heading.dropFirst(2).first != " " {
      report(
        .headingSpace, section.line, "a space is missing after ##, so Markdown parses the line as text",
        fix: "## \(section.name)")
    }
    if let link = LLMSLink(heading), let item = MalformedLine(heading)?.fix {
      reportLink(inHeading: section.line, "## \(link.plainTitle)\n\(item)")
    }
    if section.name.lowercased() == "optional", heading.dropFirst(2).drop(while: { $0 == " " }) != "Optional" {
      report(
        .optionalName, section.line,
        "clients skip a section for a shorter context only if its name is exactly Optional",
        fix: "## Optional")
    }
    if section.links.isEmpty, !section.name.isEmpty {
      report(
        .emptySection, section.line, "the section \(section.name) has no links", fix: "list its pages, or remove it")
    }
    var code: Int?
    var comment: Int?
    for element in section.elements {
      let text = file.lines[element.line - 1]
      switch element.kind {
      case .link(let link): check(link, at: element.line, text)
      case .heading(1, let name, false):
        report(.headingInSection, element.line, "clients fail on a title inside a section", fix: "## \(name)")
      case .heading(_, let name, true):
        report(.headingInSection, element.line, "clients fail on an indented heading", fix: "## \(name)")
      case .heading(let level, let name, false): reportSubheading(element.line, level, name)
      case .comment:
        // Report a comment of several lines once.
        if comment != element.line - 1 {
          report(
            .commentInSection, element.line, "clients fail on a comment inside a section",
            fix: "remove it, or move it above the first section")
        }
        comment = element.line
      case .fence, .code:
        if code != element.line - 1 {
          report(
            .codeInSection, element.line, "clients fail on code inside a section",
            fix: "remove it, or move it above the first section")
        }
        code = element.line
      case .quote, .text: checkText(element.line, text)
      }
    }
  }

  private mutating func checkText(_ line: Int, _ text: String) {
    if let name = underlined[line] { return reportUnderlined(line, name) }
    if underlined[line - 1] != nil { return }
    if ReferenceLinks.definition(in: text) != nil {
      report(
        .referenceLink, line, "clients fail on the definition of a reference link",
        fix: "write the URL into the links that use it, and remove this line")
    } else if let malformed = MalformedLine(text, definitions: definitions) {
      let (rule, message) = Self.finding(for: malformed.form)
      report(rule, line, message, fix: malformed.fix)
    } else if let title = ReferenceLinks.undefinedTitle(in: text) {
      report(
        .referenceLink, line, "clients fail on a reference link, and this one has no definition",
        fix: "- [\(title)](https://…): description")
    } else if text.drop(while: \.isWhitespace).first == "|" {
      report(
        .textInSection, line, "clients fail on a table inside a section",
        fix: "remove this row, and write each link of the table as - [Title](https://…): description")
    } else if HTMLLine.markdown(text).allSatisfy(\.isWhitespace) {
      report(.textInSection, line, "clients fail on HTML inside a section", fix: "remove this line")
    } else if text.allSatisfy({ "-*_= \t".contains($0) }) {
      report(.textInSection, line, "clients fail on a horizontal line inside a section", fix: "remove this line")
    } else {
      report(
        .textInSection, line, "clients fail on text inside a section",
        fix: "make it a link, - [Title](https://…): description, or move it above the first section")
    }
    checkDirective(line, text)
  }

  private static func finding(for form: MalformedLine.Form) -> (Rule, message: String) {
    switch form {
    case .referenceLink: (.referenceLink, "clients fail on a reference link")
    case .bareURL: (.bareURL, "clients fail on a URL that is not a link")
    case .html: (.textInSection, "clients fail on HTML inside a section, even with a link in it")
    case .table: (.textInSection, "clients fail on a table inside a section, even with a link in it")
    case .quote: (.textInSection, "clients fail on a blockquote inside a section, even with a link in it")
    case .text: (.textInSection, "clients fail on text inside a section, even with a link in it")
    }
  }

  private mutating func check(_ link: LLMSLink, at line: Int, _ text: String) {
    let parsed = parsedLinks[line]
    let before = issues.count
    let malformed =
      link.prefix.isEmpty && !link.title.hasPrefix("!") ? nil : MalformedLine(text, definitions: definitions)
    let fix = malformed?.fix ?? link.corrected
    if link.prefix.hasSuffix("!") {
      report(
        .decoratedLink, line, "clients do not show images", fix: "remove it, or link a page that shows the image")
      return
    }
    if link.title.isEmpty {
      report(
        .emptyTitle, line, "clients fail on a link without a title",
        fix: LLMSLink.line("Title", link.url, link.description))
    }
    if link.title.contains("]") {
      report(.bracketInTitle, line, "clients fail on a bracket in a title, even if it is escaped", fix: fix)
    }
    if link.url.contains(")") {
      report(.parenthesisInURL, line, "clients end the URL at the first parenthesis", fix: fix)
    }
    if link.url.isEmpty { report(.invalidURL, line, "the link has no URL", fix: "add the URL, or remove the link") }
    if parsed == nil, issues.count == before {
      switch link.marker {
      case .dash where !link.prefix.isEmpty:
        report(.decoratedLink, line, "clients fail on text or markup between the dash and the link", fix: fix)
      case .dash: break
      case .none where link.prefix.count == 1 && !"|<".contains(link.prefix):
        report(.bullet, line, "clients fail on a list marker other than a dash", fix: fix)
      case .none where !link.prefix.isEmpty:
        report(.textInSection, line, Self.finding(for: malformed?.form ?? .text).message, fix: fix)
      case .none: report(.bullet, line, "clients fail on a link that is not a list item", fix: fix)
      case .star, .plus, .number:
        report(.bullet, line, "clients fail on a list marker other than a dash", fix: fix)
      }
    }
    if link.hasSecondLink {
      // The fix of an earlier finding may already have a line for each link.
      guard issues.count == before || malformed?.items.count ?? 0 < 2 else { return }
      report(
        .secondLink, line, "clients use only the first link of a line",
        fix: MalformedLine(text).flatMap { $0.items.count > 1 ? $0.fix : nil } ?? "write each link on its own line")
    } else if link.description != nil, let parsed, parsed.description == nil, !link.url.contains(")"),
      !link.title.contains("]")
    {
      report(
        .descriptionSeparator, line, "clients do not find the description: a colon must directly follow the link",
        fix: fix)
    }
    if link.indent > 0 { report(.indentedLink, line, "clients ignore the nesting of lists", fix: fix) }
    if issues.count == before, !Self.isBalanced(text) {
      report(
        .unbalancedBrackets, line, "a bracket is not closed or not opened", fix: "add the other bracket, or remove it")
    }
  }

  /// Whether a line has as many opening as closing brackets and parentheses.
  private static func isBalanced(_ text: String) -> Bool {
    var counts: [UInt8: Int] = [:]
    for byte in text.utf8 { counts[byte, default: 0] += 1 }
    return counts[UInt8(ascii: "["), default: 0] == counts[UInt8(ascii: "]"), default: 0]
      && counts[UInt8(ascii: "("), default: 0] == counts[UInt8(ascii: ")"), default: 0]
  }
}
