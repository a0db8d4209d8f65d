import SiteAnalysis
import Web

/// An llms-full.txt: the Markdown of the pages that an llms.txt links, in the same order, and of other good pages.
///
/// No specification defines the format. This one is common on documentation sites: for each page `# Title`,
/// `Source: URL` and the text.
struct LLMSFullText: Sendable {
  /// The maximum size of a file. Most clients truncate long before.
  static let maximumBytes = 4 << 20

  /// The llms.txt.
  let index: LLMSTextFile
  /// The pages that follow those of the llms.txt.
  var others: [LLMSTextFile.Link] = []
  /// The Markdown of each page that could be fetched.
  let markdown: [NormalizedURL: String]
  /// Pages that would exceed this size are omitted as a whole and listed at the end.
  var maximumBytes = LLMSFullText.maximumBytes

  /// The URLs of the pages that an llms.txt links, in its order, without duplicates.
  static func pageURLs(of file: LLMSTextFile) -> [NormalizedURL] {
    var seen: Set<NormalizedURL> = []
    return file.sections.flatMap(\.links).compactMap { try? NormalizedURL($0.url) }.filter { seen.insert($0).inserted }
  }

  /// The pages of a report that are worth reading but not linked in its llms.txt, in reading order.
  static func otherPages(of report: SiteReport, than file: LLMSTextFile) -> [LLMSTextFile.Link] {
    let linked = Set(pageURLs(of: file).map(\.pageIdentity))
    return report.pages.filter { page in
      page.level > 0 && !page.optional && page.role != .index && page.score >= LLMSTextComposer.minimumScore
        && ![page.url, page.markdownURL].contains { $0.map { linked.contains($0.pageIdentity) } ?? false }
    }.map { .init(title: $0.title, url: ($0.markdownURL ?? $0.url).description) }
  }

  func rendered() -> String {
    var output = "# \(LLMSTextFile.line(index.title))\n\n> \(LLMSTextFile.line(index.summary))\n"
    var omitted: [LLMSTextFile.Link] = []
    var seen: Set<NormalizedURL> = []
    for link in index.sections.flatMap(\.links) + others {
      guard let url = try? NormalizedURL(link.url), seen.insert(url).inserted else { continue }
      let title = LLMSTextFile.line(link.title)
      guard let text = markdown[url].map({ Self.body($0, title: title) }), !text.isEmpty,
        output.utf8.count + text.utf8.count <= maximumBytes
      else {
        omitted.append(link)
        continue
      }
      output += "\n# \(title)\n\nSource: \(link.url)\n\n\(text)\n"
    }
    if !omitted.isEmpty {
      output +=
        "\n# Pages that are not in this file\n\n"
        + omitted.map { "- \(LLMSTextFile.line($0.title)): \($0.url)\n" }.joined()
    }
    return output
  }

  /// A page's Markdown below the heading that the file gives it.
  ///
  /// The page's first heading is removed if it repeats the title. Other first-level headings become second-level ones.
  /// Code blocks are not changed.
  private static func body(_ markdown: String, title: String) -> String {
    var lines: [Substring] = []
    var fence: Substring?
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      let backticks = line.prefix { $0 == "`" }
      if backticks.count >= 3 {
        if fence == nil { fence = backticks } else if backticks == fence { fence = nil }
      }
      if fence == nil, line.hasPrefix("# ") {
        let isTitle = lines.allSatisfy(\.isEmpty) && repeats(line.dropFirst(2), title)
        if !isTitle { lines.append("#" + line) }
      } else {
        lines.append(line)
      }
    }
    while lines.first?.isEmpty ?? false { lines.removeFirst() }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Whether a heading has the same letters as the title, apart from case and a short prefix such as `Chapter 1.`.
  private static func repeats(_ heading: Substring, _ title: String) -> Bool {
    func letters(_ text: some StringProtocol) -> String { text.lowercased().filter(\.isLetter) }
    return letters(heading).hasSuffix(letters(title)) && heading.count <= title.count + 16
  }
}
