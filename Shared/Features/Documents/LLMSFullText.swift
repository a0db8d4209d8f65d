import SiteAnalysis
import Web

/// An llms-full.txt: the pages that an llms.txt links, in its order, each page's Markdown below its title and address.
///
/// There is no grammar for it; this is the shape that documentation sites publish: `# Title`, `Source: URL`, the text.
struct LLMSFullText: Sendable {
  /// Beyond it whole pages are left out, and named at the end. Clients cut long before, and what is to be stored has to
  /// end somewhere.
  static let maximumBytes = 4 << 20

  let head: LLMSText
  /// The Markdown of each page that could be read.
  let markdown: [NormalizedURL: String]
  var maximumBytes = LLMSFullText.maximumBytes

  /// The pages in the order of the llms.txt, each once.
  static func addresses(of text: LLMSText) -> [NormalizedURL] {
    var seen: Set<NormalizedURL> = []
    return text.sections.flatMap(\.links).compactMap { try? NormalizedURL($0.url) }.filter { seen.insert($0).inserted }
  }

  func rendered() -> String {
    var output = "# \(LLMSText.line(head.title))\n\n> \(LLMSText.line(head.summary))\n"
    var left: [LLMSText.Link] = []
    var seen: Set<NormalizedURL> = []
    for link in head.sections.flatMap(\.links) {
      guard let url = try? NormalizedURL(link.url), seen.insert(url).inserted else { continue }
      let title = LLMSText.line(link.title)
      guard let text = markdown[url].map({ Self.body($0, title: title) }), !text.isEmpty,
        output.utf8.count + text.utf8.count <= maximumBytes
      else {
        left.append(link)
        continue
      }
      output += "\n# \(title)\n\nSource: \(link.url)\n\n\(text)\n"
    }
    if !left.isEmpty {
      output +=
        "\n# Pages that are not in this file\n\n" + left.map { "- \(LLMSText.line($0.title)): \($0.url)\n" }.joined()
    }
    return output
  }

  /// A page's Markdown below the file's own heading for it: without its first heading where that says the same, and
  /// with no
  /// other heading of the first level, outside of code.
  private static func body(_ markdown: String, title: String) -> String {
    var lines: [Substring] = []
    var fence: Substring?
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      let mark = line.prefix { $0 == "`" }
      if mark.count >= 3 {
        if fence == nil { fence = mark } else if mark == fence { fence = nil }
      }
      if fence == nil, line.hasPrefix("# ") {
        let isTitle = lines.allSatisfy(\.isEmpty) && isSame(line.dropFirst(2), title)
        if !isTitle { lines.append("#" + line) }
      } else {
        lines.append(line)
      }
    }
    while lines.first?.isEmpty ?? false { lines.removeFirst() }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Whether a heading says what the title says, but for signs, case, and a `Chapter 1.` before it.
  private static func isSame(_ heading: Substring, _ title: String) -> Bool {
    func letters(_ text: some StringProtocol) -> String { text.lowercased().filter(\.isLetter) }
    return letters(heading).hasSuffix(letters(title)) && heading.count <= title.count + 16
  }
}
