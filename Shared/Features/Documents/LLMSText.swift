import Web

/// The parts of an llms.txt, and how they are written so that every reader of the format reads them whole.
///
/// The format is llmstxt.org's; the particulars are those of its reference parser, llms-txt 0.0.7: one line a link, no
/// bracket in a title, no parenthesis in a URL, one line of blockquote, a paragraph between it and the first section.
struct LLMSText: Sendable, Equatable {
  struct Link: Sendable, Equatable {
    var title: String
    var url: String
    var description: String?
  }

  struct Section: Sendable, Equatable {
    var name: String
    var links: [Link]
  }

  var title: String
  var summary: String
  var details: String
  var sections: [Section]

  /// What readers that are short of room leave out, by the format's own rule.
  static let optional = "Optional"

  func rendered() -> String {
    var lines = ["# \(Self.line(title))", "", "> \(Self.line(summary))", "", Self.paragraph(details)]
    for section in sections where !section.links.isEmpty {
      lines += ["", "## \(Self.line(section.name))", ""]
      for link in section.links {
        let target = link.url.replacing("(", with: "%28").replacing(")", with: "%29")
        let description = link.description.map(Self.line).flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
        lines.append("- [\(Self.linkTitle(link.title))](\(target))\(description)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Line ends, tabs and controls become spaces; runs of those, one.
  static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory) ? " " : scalar
    }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    return String(line).folded
  }

  private static func linkTitle(_ text: String) -> String {
    var title = line(text).replacing("[", with: "(").replacing("]", with: ")")
    // It would take the bracket that ends the title for one of its signs.
    while title.hasSuffix("\\") { title.removeLast() }
    return title
  }

  /// Text that no reader takes for a heading, a list or a fence; never empty, for without it readers lose the summary.
  private static func paragraph(_ text: String) -> String {
    let text = line(text)
    if text.isEmpty { return "The pages are listed below." }
    return text.first.map { "#>-*+`~=|".contains($0) } ?? false ? "\\" + text : text
  }
}
