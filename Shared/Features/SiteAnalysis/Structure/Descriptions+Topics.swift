import Web

extension Descriptions {
  /// Headings that say nothing about the subject of a page, in lower case.
  static let genericHeadings: Set<String> = [
    "introduction", "overview", "see also", "notes", "references", "contents", "summary", "examples", "example",
    "on this page", "footnotes", "table of contents", "navigation", "related", "conclusion", "abstract", "what’s next",
    "next steps", "preface",
  ]

  /// Headings that occur on every page of a manual, in lower case.
  static let standardHeadings: Set<String> = [
    "name", "synopsis", "description", "options", "usage", "syntax", "arguments", "parameters", "return value",
    "return values", "returns", "errors", "exit status", "environment", "files", "diagnostics", "bugs", "history",
    "author", "authors", "copyright", "license", "standards", "conforming to", "details", "value", "configuration",
    "discussion", "further reading", "links", "comments", "external links",
  ]

  /// Joins as many headings that are questions as fit in one line.
  static func questions(of page: Page) -> String? {
    var text = ""
    for question in page.headings.map({ Titles.clean($0.text) })
    where question.hasSuffix("?") && (12...80).contains(question.count) {
      let longer = text.isEmpty ? question : text + " " + question
      if longer.displayWidth > maximumLength { break }
      text = longer
    }
    return text.isEmpty ? nil : text
  }

  /// Returns the headings of the page's highest level below 1, without its title, standard headings and headings of the
  /// site's template.
  func topics(of page: Page, title: String) -> [String] {
    let headings = page.headings.filter { heading in
      let name = Titles.clean(heading.text).lowercased()
      return heading.level > 1 && name != title.lowercased() && !commonHeadings.contains(name)
        && !Self.standardHeadings.contains(name)
    }
    let highest = headings.map(\.level).min()
    return headings.filter { $0.level == highest }.map(\.text)
  }

  /// Joins as many names as fit in one line. Returns `nil` for fewer than three names, unless two have at least 40
  /// characters together.
  static func joinedNames(_ names: [String], title: String) -> String? {
    var chosen: [String] = []
    for name in names.map({ Titles.clean($0.hasPrefix("◆") ? String($0.dropFirst()) : $0) }) where name.count > 1 {
      let lower = name.lowercased()
      if genericHeadings.contains(lower) || lower == title.lowercased() || name.count > 60 || chosen.contains(name)
        || !isBalanced(name) || name.hasSuffix("?")
      {
        continue
      }
      if chosen.joined(separator: ", ").count + name.count > 128 { break }
      chosen.append(name)
    }
    let text = chosen.joined(separator: ", ")
    return chosen.count >= 3 || chosen.count == 2 && text.count >= 40 ? text : nil
  }
}
