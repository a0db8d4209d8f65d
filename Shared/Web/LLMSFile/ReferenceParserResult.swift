/// The result of the format's reference parser (llms-txt 0.0.7 on PyPI) for a text, reproduced exactly.
///
/// The reference parser consists of three Python regular expressions, implemented here in linear time:
/// - `^##\s*(.*?$)` splits the sections.
/// - The link of a line is the first match of `-\s*\[([^\]]+)\]\(([^\)]+)\)(?::\s*(.*))?`.
/// - The head is `^#\s*(.+?$)\n+(?:^>\s*(.+?$)$)?\n+(.*)`, in which a dot also matches line endings.
package struct ReferenceParserResult: Sendable, Equatable {
  /// A link line of a section.
  package struct Link: Sendable, Equatable {
    /// The line number, starting at 1.
    package let line: Int
    package let title: String
    package let url: String
    package let description: String?
  }

  /// A second-level heading with the lines below it.
  package struct Section: Sendable, Equatable {
    package let name: String
    /// The line number of the heading.
    package let line: Int
    package var links: [Link] = []
    /// Lines without a link; each of them makes the parser raise an error.
    package var unreadableLines: [Int] = []
    /// True if a later section has the same name and replaces this one in the parser's dictionary.
    package var isOverwritten = false
  }

  /// The text before the first section.
  package struct Head: Sendable, Equatable {
    package let title: String
    package let summary: String?
    package let info: String
  }

  /// nil if the parser raises an error for the head.
  package private(set) var head: Head?
  package private(set) var sections: [Section] = []

  /// The line numbers at which the parser raises an error.
  package var unreadableLines: [Int] { sections.filter { !$0.isOverwritten }.flatMap(\.unreadableLines) }

  package var crashes: Bool { head == nil || !unreadableLines.isEmpty }

  private typealias Scalars = ArraySlice<Unicode.Scalar>

  package init(_ text: [Unicode.Scalar]) {
    let headings = Self.headings(text)
    head = Self.head(Self.stripped(text[..<(headings.first?.mark ?? text.count)]))
    var lines = LineCounter(text)
    for (index, heading) in headings.enumerated() {
      var section = Section(name: Self.string(text[heading.start..<heading.end]), line: lines.line(of: heading.mark))
      let end = index + 1 < headings.count ? headings[index + 1].mark : text.count
      for line in Self.stripped(text[heading.end..<end]).split(separator: "\n") where !line.allSatisfy(Self.isSpace) {
        let number = lines.line(of: line.startIndex)
        if let link = Self.link(line, number) {
          section.links.append(link)
        } else {
          section.unreadableLines.append(number)
        }
      }
      sections.append(section)
    }
    var names: Set<String> = []
    for index in sections.indices.reversed() {
      sections[index].isOverwritten = !names.insert(sections[index].name).inserted
    }
  }

  // MARK: Sections

  private static func headings(_ text: [Unicode.Scalar]) -> [(mark: Int, start: Int, end: Int)] {
    var headings: [(Int, Int, Int)] = []
    var index = 0
    while index + 1 < text.count {
      if text[index] == "#", text[index + 1] == "#", index == 0 || text[index - 1] == "\n" {
        // `\s*` also matches line endings, so a heading without a name takes the next line as its name.
        let start = text[(index + 2)...].firstIndex { !isSpace($0) } ?? text.count
        let end = text[start...].firstIndex(of: "\n") ?? text.count
        headings.append((index, start, end))
        index = end
      } else {
        index += 1
      }
    }
    return headings
  }

  private static func link(_ line: Scalars, _ number: Int) -> Link? {
    var position = line.startIndex
    // The next closing bracket and parenthesis, cached because searching again for each dash would take quadratic
    // time.
    var close = line.startIndex
    var end = line.startIndex
    while let dash = line[position...].firstIndex(of: "-") {
      position = dash + 1
      let open = line[position...].drop(while: isSpace).startIndex
      guard open < line.endIndex, line[open] == "[" else { continue }
      if close <= open { close = line[(open + 1)...].firstIndex(of: "]") ?? line.endIndex }
      guard close > open + 1, close + 1 < line.endIndex, line[close + 1] == "(" else { continue }
      if end <= close + 1 { end = line[(close + 2)...].firstIndex(of: ")") ?? line.endIndex }
      guard end > close + 2, end < line.endIndex else { continue }
      let rest = line[(end + 1)...]
      return Link(
        line: number, title: string(line[(open + 1)..<close]), url: string(line[(close + 2)..<end]),
        description: rest.first == ":" ? string(rest.dropFirst().drop(while: isSpace)) : nil)
    }
    return nil
  }

  // MARK: Head

  private static func head(_ stripped: Scalars) -> Head? {
    let text = Array(stripped)
    guard let lastNewline = text.lastIndex(of: "\n") else { return nil }
    let ends = titleEnds(text, lastNewline)
    for mark in text.indices where text[mark] == "#" && (mark == 0 || text[mark - 1] == "\n") {
      let first = mark + 1
      guard let last = ends.last, last > first else { return nil }
      let greedy = text[first...].firstIndex { !isSpace($0) } ?? text.count
      // The title starts as late as possible and then is as short as possible.
      if let end = ends.first(where: { $0 > greedy }) { return head(text, greedy, end, lastNewline) }
      return head(text, last - 1, last, lastNewline)
    }
    return nil
  }

  /// The line ends at which a title may end: an empty line or a summary follows.
  private static func titleEnds(_ text: [Unicode.Scalar], _ lastNewline: Int) -> [Int] {
    var ends: [Int] = []
    var next = text.count
    for index in text.indices.reversed() where text[index] == "\n" {
      // `next` is the end of the run of line ends that starts here.
      if index + 1 < text.count, text[index + 1] != "\n" { next = index + 1 }
      if next - index >= 2 || summary(text, at: next, lastNewline) != nil { ends.append(index) }
    }
    return ends.reversed()
  }

  private static func summary(_ text: [Unicode.Scalar], at mark: Int, _ lastNewline: Int) -> Range<Int>? {
    guard mark < text.count, text[mark] == ">" else { return nil }
    let greedy = text[(mark + 1)...].firstIndex { !isSpace($0) } ?? text.count
    let start = min(greedy, lastNewline - 1)
    guard start > mark, let end = text[(start + 1)...].firstIndex(of: "\n") else { return nil }
    return start..<end
  }

  private static func head(_ text: [Unicode.Scalar], _ start: Int, _ end: Int, _ lastNewline: Int) -> Head {
    let next = text[end...].firstIndex { $0 != "\n" } ?? text.count
    let title = string(text[start..<end])
    guard let summary = summary(text, at: next, lastNewline) else {
      return Head(title: title, summary: nil, info: string(text[next...]))
    }
    return Head(
      title: title, summary: string(text[summary]), info: string(text[summary.upperBound...].drop { $0 == "\n" }))
  }

  // MARK: Python string functions

  /// `str.isspace`, which also defines `\s` and `strip`.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0d, 0x1c...0x20, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
    default: false
    }
  }

  private static func stripped(_ text: Scalars) -> Scalars {
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }

  private static func string(_ scalars: Scalars) -> String {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: scalars)
    return String(string)
  }

  /// Counts lines as ``LLMSFile`` does; indices must be queried in ascending order.
  private struct LineCounter {
    private let text: [Unicode.Scalar]
    private var position = 0
    private var line = 1

    init(_ text: [Unicode.Scalar]) { self.text = text }

    mutating func line(of index: Int) -> Int {
      while position < index {
        let isEnd =
          text[position] == "\n"
          || (text[position] == "\r" && !(position + 1 < text.count && text[position + 1] == "\n"))
        if isEnd { line += 1 }
        position += 1
      }
      return line
    }
  }
}
