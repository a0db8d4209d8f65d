import Web

extension FileRules {
  mutating func checkSections() {
    if file.sections.isEmpty, !file.headLinks.isEmpty {
      report(
        .noSections, file.headLinks[0].line,
        "no section holds the links, so readers find none of the \(file.headLinks.count)",
        fix: "write ## and a name above them")
    } else if file.links.isEmpty {
      report(
        .noLinks, file.sections.first?.line ?? 1, "the file links nothing", fix: "- [Title](https://…): description")
    }
    if !file.sections.isEmpty, let (line, _) = file.headLinks.first(where: { $0.link.marker != .none }) {
      let count = file.headLinks.count { $0.link.marker != .none }
      report(
        .linksBeforeSections, line,
        "\(count == 1 ? "a link stands" : "\(count) links stand") before the first section, where readers do not list links",
        fix: "write ## and a name above")
    }
    for section in file.reference.sections where section.isOverwritten {
      report(
        .duplicateSection, section.line,
        "a later section is called \(section.name.folded), too, and takes the place of this one",
        fix: "join the two, or give them different names")
    }
    for section in file.sections { check(section) }
  }

  private mutating func check(_ section: LLMSFile.Section) {
    let heading = file.lines[section.line - 1]
    if section.name.isEmpty {
      report(
        .emptyHeading, section.line, "the heading has no name, and readers take the next line for it", fix: "## Name")
    } else if heading.dropFirst(2).first != " " {
      report(
        .headingSpace, section.line, "no space parts ## from the name, so Markdown takes it for text",
        fix: "## \(section.name)")
    }
    if section.name.lowercased() == "optional", heading.dropFirst(2).drop(while: { $0 == " " }) != "Optional" {
      report(
        .optionalName, section.line, "only a section called exactly Optional is left out where room is short",
        fix: "## Optional")
    }
    if section.links.isEmpty, !section.name.isEmpty {
      report(
        .emptySection, section.line, "the section \(section.name) holds no link", fix: "list its pages, or leave it out"
      )
    }
    var code: Int?
    var comment: Int?
    for element in section.elements {
      let text = file.lines[element.line - 1]
      switch element.kind {
      case .link(let link): check(link, at: element.line, text)
      case .heading(1, let name, false):
        report(.headingInSection, element.line, "readers fail at a title inside a section", fix: "## \(name)")
      case .heading(_, let name, true):
        report(.headingInSection, element.line, "readers fail at a heading that is indented", fix: "## \(name)")
      case .heading(let level, let name, false): reportSubheading(element.line, level, name)
      case .comment:
        // One report for a comment of many lines.
        if comment != element.line - 1 {
          report(
            .commentInSection, element.line, "readers fail at a comment inside a section",
            fix: "leave it out, or move it above the first section")
        }
        comment = element.line
      case .fence, .code:
        if code != element.line - 1 {
          report(
            .codeInSection, element.line, "readers fail at code inside a section",
            fix: "leave it out, or move it above the first section")
        }
        code = element.line
      case .quote, .text: checkText(element.line, text)
      }
    }
  }

  private mutating func checkText(_ line: Int, _ text: String) {
    let words = text.split { $0 == " " || $0 == "\t" || $0 == "<" || $0 == ">" }
    let bare = words.first { $0.hasPrefix("http://") || $0.hasPrefix("https://") }.map(String.init)
    if let bare, text.utf8.count < 2 * bare.utf8.count + 8 {
      let title = (try? NormalizedURL(bare)).flatMap { $0.segments.last.map(Titles.humanized) } ?? "Title"
      report(.bareURL, line, "readers fail at a URL that is no link", fix: LLMSLink.line(title, bare, nil))
    } else {
      report(
        .textInSection, line, "readers fail at text inside a section",
        fix: "make it a link, - [Title](https://…): description, or move it above the first section")
    }
    checkDirective(line, text)
  }

  private mutating func check(_ link: LLMSLink, at line: Int, _ text: String) {
    let read = readLinks[line]
    let before = issues.count
    let fix = link.corrected
    if link.title.isEmpty {
      report(
        .emptyTitle, line, "readers fail at a link without a title",
        fix: LLMSLink.line("Title", link.url, link.description))
    }
    if link.title.contains("]") {
      report(.bracketInTitle, line, "readers fail at a bracket in a title, even an escaped one", fix: fix)
    }
    if link.url.contains(")") { report(.parenthesisInURL, line, "a parenthesis cuts the URL for readers", fix: fix) }
    if link.url.isEmpty { report(.invalidURL, line, "the link leads nowhere", fix: "write its URL, or leave it out") }
    if read == nil, issues.count == before {
      switch link.marker {
      case .dash where !link.prefix.isEmpty:
        report(.decoratedLink, line, "readers fail where something stands between the dash and the link", fix: fix)
      case .dash: break
      case .none where !link.prefix.isEmpty:
        report(.textInSection, line, "readers fail at text inside a section, even with a link in it", fix: fix)
      case .none: report(.bullet, line, "readers fail at a link that is no item of a list", fix: fix)
      case .star, .plus, .number: report(.bullet, line, "readers fail at any sign but a dash before a link", fix: fix)
      }
    }
    if link.hasSecondLink {
      report(
        .secondLink, line, "readers take the first link of a line, and lose the others",
        fix: "give each link a line of its own")
    } else if link.description != nil, let read, read.description == nil, !link.url.contains(")") {
      report(
        .descriptionSeparator, line, "readers lose the description: a colon right after the link parts the two",
        fix: fix)
    }
    if link.indent > 0 { report(.indentedLink, line, "the list is nested, which readers do not see", fix: fix) }
    if issues.count == before, !Self.isBalanced(text) {
      report(.unbalancedBrackets, line, "a bracket is opened or closed alone", fix: "close it, or leave it out")
    }
  }

  private static func isBalanced(_ text: String) -> Bool {
    var counts: [UInt8: Int] = [:]
    for byte in text.utf8 { counts[byte, default: 0] += 1 }
    return counts[UInt8(ascii: "["), default: 0] == counts[UInt8(ascii: "]"), default: 0]
      && counts[UInt8(ascii: "("), default: 0] == counts[UInt8(ascii: ")"), default: 0]
  }
}
