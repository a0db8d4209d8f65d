import Web

/// The contents of an llms.txt, and their text form (llmstxt.org).
///
/// The text form avoids everything that the reference parser, llms-txt 0.0.7, misreads: each link is on one line, titles
/// have no brackets, URLs have no parentheses, the blockquote has one line, and a paragraph follows it.
struct LLMSTextFile: Sendable, Equatable {
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
  /// The blockquote.
  var summary: String
  /// The paragraph below the blockquote.
  var details: String
  var sections: [Section]

  /// The name of the section that readers may skip if they need a shorter context, as llmstxt.org defines it.
  static let optional = "Optional"
  /// The paragraph of a file that has no details.
  static let defaultDetails = "The pages are listed below."

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

  /// The text in one line: line breaks, tabs and control characters become spaces, and several spaces become one.
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
    // A final backslash would escape the bracket that ends the title.
    while title.hasSuffix("\\") { title.removeLast() }
    return title
  }

  /// The text as a paragraph that no parser takes for a heading, a list or a code block.
  ///
  /// It is never empty, because without a paragraph the reference parser loses the summary.
  private static func paragraph(_ text: String) -> String {
    let text = line(text)
    if text.isEmpty { return defaultDetails }
    return text.first.map { "#>-*+`~=|".contains($0) } ?? false ? "\\" + text : text
  }
}
