import Web

/// The contents of an llms.txt, and their text form (llmstxt.org).
///
/// The text form of a composed file avoids everything that the reference parser, llms-txt 0.0.7, misreads: each link is
/// on one line, titles have no brackets, URLs have no parentheses, the blockquote has one line, and a paragraph follows
/// it. Lines of a parsed file that are not changed are rendered as they were written.
struct LLMSTextFile: Sendable, Equatable {
  struct Link: Sendable, Equatable {
    var title: String
    var url: String
    var description: String?
    /// The line of a parsed file.
    var written: String?
  }

  /// A line of a section.
  enum Line: Sendable, Equatable {
    case link(Link)
    /// Any other line, or an empty line.
    case text(String)
  }

  struct Section: Sendable, Equatable {
    var name: String
    var lines: [Line]

    var links: [Link] { lines.compactMap { if case .link(let link) = $0 { link } else { nil } } }
  }

  /// Empty if a parsed file has no title.
  var title: String
  /// The lines between the title and the first section: the blockquote, paragraphs, lists.
  var head: [String]
  var sections: [Section]

  /// The name of the section that readers may skip if they need a shorter context, as llmstxt.org defines it.
  static let optional = "Optional"
  /// The paragraph of a file that has no details.
  static let defaultDetails = "The pages are listed below."
}

extension LLMSTextFile.Section {
  init(name: String, links: [LLMSTextFile.Link]) { self.init(name: name, lines: links.map { .link($0) }) }
}

extension LLMSTextFile {
  /// - Parameters:
  ///   - summary: the blockquote.
  ///   - details: the paragraph below the blockquote.
  init(title: String, summary: String, details: String, sections: [Section]) {
    self.init(
      title: title, head: ["> \(Self.line(summary))", "", Self.paragraph(details)],
      sections: sections.filter { !$0.lines.isEmpty })
  }

  /// The blockquote in one line.
  var summary: String {
    head.filter(Self.isQuote).map { String($0.drop { $0 == " " || $0 == ">" }) }.joined(separator: " ")
  }

  /// The lines between the title and the first section without the blockquote.
  var details: String {
    get { head.filter { !Self.isQuote($0) }.trimmed.joined(separator: "\n") }
    set { head = head.filter(Self.isQuote) + ["", newValue] }
  }

  static func isQuote(_ line: String) -> Bool { line.first { $0 != " " } == ">" }

  // MARK: Parsing

  /// Parses a file, with all lines below its title. Sections with equal names become one, because most parsers read
  /// only one of them.
  init(parsing text: String) {
    let file = LLMSFile(text)
    title = file.title?.text ?? ""
    let end = file.sections.first.map { $0.line - 1 } ?? file.lines.count
    head = file.lines[min(file.title?.line ?? 0, end)..<end].trimmed
    sections = []
    for (index, section) in file.sections.enumerated() {
      let end = index + 1 < file.sections.count ? file.sections[index + 1].line - 1 : file.lines.count
      var lines: [Line] = file.lines[section.line..<end].map { .text($0) }
      for (number, link) in section.links where link.isEntry {
        lines[number - section.line - 1] = .link(
          Link(
            title: link.title, url: link.url, description: link.description, written: file.lines[number - 1]))
      }
      if let same = sections.firstIndex(where: { $0.name == section.name }) {
        sections[same].lines += lines
      } else {
        sections.append(Section(name: section.name, lines: lines.trimmed))
      }
    }
  }

  // MARK: Rendering

  func rendered() -> String {
    var lines = ["# \(Self.line(title))"]
    if !head.trimmed.isEmpty { lines += [""] + head.trimmed }
    for section in sections where !section.lines.trimmed.isEmpty {
      lines += ["", "## \(Self.line(section.name))", ""]
      lines += section.lines.trimmed.map {
        switch $0 {
        case .link(let link): link.written ?? link.rendered
        case .text(let text): text
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text in one line: line breaks, tabs and control characters become spaces, and several spaces become one.
  static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory) ? " " : scalar
    }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    return String(line).folded
  }

  /// The text as a paragraph that no parser takes for a heading, a list or a code block.
  ///
  /// It is never empty, because without a paragraph the reference parser loses the summary.
  static func paragraph(_ text: String) -> String {
    let text = line(text)
    if text.isEmpty { return defaultDetails }
    return text.first.map { "#>-*+`~=|".contains($0) } ?? false ? "\\" + text : text
  }
}

extension LLMSTextFile.Link {
  /// The line in the form that this program writes.
  var rendered: String {
    let target = url.replacing("(", with: "%28").replacing(")", with: "%29")
    let text = description.map(LLMSTextFile.line).flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
    return "- [\(renderedTitle)](\(target))\(text)"
  }

  private var renderedTitle: String {
    var title = LLMSTextFile.line(title).replacing("\\[", with: "[").replacing("\\]", with: "]")
    title = title.replacing("[", with: "(").replacing("]", with: ")")
    // A final backslash would escape the bracket that ends the title.
    while title.hasSuffix("\\") { title.removeLast() }
    return title
  }

  /// Whether the line has the form that this program writes, without additions such as bold text.
  var isPlain: Bool { written.map { $0 == rendered } ?? true }
}

extension LLMSTextFile.Line {
  var isBlank: Bool { if case .text(let text) = self { text.allSatisfy(\.isWhitespace) } else { false } }
  /// Whether the line belongs to the list item above it.
  var isIndented: Bool {
    switch self {
    case .text(let text): !isBlank && text.first.map { $0 == " " || $0 == "\t" } ?? false
    case .link(let link): link.written?.first.map { $0 == " " || $0 == "\t" } ?? false
    }
  }
}

extension RangeReplaceableCollection where Element == LLMSTextFile.Line {
  /// The lines without empty lines at the start and end.
  var trimmed: [Element] { trimmingBlanks(\.isBlank) }
}

extension RangeReplaceableCollection where Element == String {
  /// The lines without empty lines at the start and end.
  var trimmed: [Element] { trimmingBlanks { $0.allSatisfy(\.isWhitespace) } }
}

extension RangeReplaceableCollection {
  fileprivate func trimmingBlanks(_ isBlank: (Element) -> Bool) -> [Element] {
    var lines = drop(while: isBlank).map { $0 }
    while lines.last.map(isBlank) ?? false { lines.removeLast() }
    return lines
  }
}
