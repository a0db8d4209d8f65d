import Validation
import Web

/// Cleans the text of an llms.txt of another author, line by line.
///
/// Removed are prompt injections, URLs of private networks, invisible characters, and text before the title. URLs of the
/// site become absolute. All other lines stay as they are.
struct ExistingText {
  static let maximumSections = 50
  static let maximumLinks = 500
  /// The maximum number of characters in a line; the rest of a longer line is cut at a space.
  static let maximumCharacters = 2000

  private(set) var text = ""
  private(set) var linksToSite = false
  private let file: LLMSFile
  private let url: NormalizedURL
  private let home: NormalizedURL
  private let onlyPart: Bool
  private var links = 0
  private var lines: [String] = []

  /// - Parameters:
  ///   - url: The URL of the file.
  ///   - onlyPart: Whether to use only the sections' links to the folder of `home`.
  init(_ file: LLMSFile, at url: NormalizedURL, home: NormalizedURL, onlyPart: Bool) {
    (self.file, self.url, self.home, self.onlyPart) = (file, url, home, onlyPart)
    if !onlyPart {
      let title = file.title
      if let name = title.flatMap({ Self.cut($0.text).unlessInjection }), !name.isEmpty { lines += ["# \(name)", ""] }
      add(file.head.filter { $0.line > title?.line ?? 0 }, linkEntries: false)
    }
    for section in file.sections.prefix(Self.maximumSections) {
      let name = Self.cut(section.name)
      guard !name.isEmpty, name.unlessInjection != nil else { continue }
      addBlank()
      lines += ["## \(name)", ""]
      add(section.elements, linkEntries: true)
    }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    text = lines.map { $0 + "\n" }.joined()
  }

  /// Adds the clean lines of the head or of a section.
  private mutating func add(_ elements: [LLMSFile.Element], linkEntries: Bool) {
    let start = lines.count
    var block: [LLMSFile.Element] = []
    var previous = elements.first?.line ?? 0
    var isInFence = false
    for element in elements {
      let entry = linkEntries ? Self.entry(element) : nil
      if entry != nil || element.line > previous + 1 && !isInFence && element.kind != .comment {
        addBlock(block)
        block = []
      }
      if element.line > previous + 1, block.isEmpty { addBlank() }
      previous = element.line
      if element.kind == .fence { isInFence.toggle() }
      if let entry {
        if let line = line(entry, file.lines[element.line - 1]) { lines.append(line) }
      } else {
        block.append(element)
      }
    }
    addBlock(block)
    // An order to a model can be divided into several paragraphs.
    let texts = lines[start...].filter { !linkEntries || Self.entry($0) == nil }.joined(separator: " ").folded
    if texts.unlessInjection == nil {
      lines.removeSubrange(start...)
      for element in elements {
        if linkEntries, let entry = Self.entry(element), let line = line(entry, file.lines[element.line - 1]) {
          lines.append(line)
        }
      }
    }
  }

  private mutating func addBlank() {
    if !(lines.last?.isEmpty ?? true) { lines.append("") }
  }

  /// Adds a paragraph, a list, a comment or a code block if all of it is acceptable.
  private mutating func addBlock(_ block: [LLMSFile.Element]) {
    guard !onlyPart, let first = block.first, let last = block.last else { return }
    let text = file.lines[(first.line - 1)..<last.line]
    guard text.joined(separator: " ").folded.unlessInjection != nil,
      first.kind == .fence || !text.contains(where: linksPrivateURL)
    else {
      return
    }
    lines += text.map { Self.cut(Self.visible($0)) }
  }

  /// Returns the line of a link with an absolute URL, or `nil` if it has no valid URL, no usable title or a private URL.
  private mutating func line(_ link: LLMSLink, _ written: String) -> String? {
    guard links < Self.maximumLinks, let target = try? NormalizedURL(link.url, relativeTo: url),
      !link.title.folded.isEmpty, (link.prefix + " " + link.title).folded.unlessInjection != nil
    else { return nil }
    let isOwn = target.isSameSite(as: home)
    guard isOwn || PrivateAddress.reason(target) == nil, !onlyPart || isOwn && target.path.hasPrefix(home.folder) else {
      return nil
    }
    links += 1
    linksToSite = linksToSite || isOwn
    let address =
      isOwn && (target.origin != home.origin || !link.url.contains("://"))
      ? target.usingOrigin(of: home).description : link.url
    let description = link.description.map { Self.cut($0.folded) }
    let isAcceptable = description.map { $0.unlessInjection != nil && !linksPrivateURL($0) } ?? true
    guard isAcceptable, written.count <= Self.maximumCharacters else {
      return LLMSLink.line(link.title.folded, address, isAcceptable ? description : nil)
    }
    let line =
      address == link.url ? written : written.replacing("(\(link.url)", with: "(\(address)", maxReplacements: 1)
    return Self.visible(line)
  }

  private static func entry(_ element: LLMSFile.Element) -> LLMSLink? {
    if case .link(let link) = element.kind, link.isEntry { link } else { nil }
  }

  private static func entry(_ line: String) -> LLMSLink? { LLMSLink(line).flatMap { $0.isEntry ? $0 : nil } }

  /// Whether a line contains a Markdown link to a private network. URLs in plain text, such as `http://localhost:8000`,
  /// are no links.
  private func linksPrivateURL(_ line: String) -> Bool {
    line.ranges(of: "](").contains { range in
      let target = line[range.upperBound...].prefix { !" )>".contains($0) }.drop { $0 == "<" }
      guard let url = try? NormalizedURL(String(target), relativeTo: self.url) else { return false }
      return !url.isSameSite(as: home) && PrivateAddress.reason(url) != nil
    }
  }

  /// The line with the same indentation, without invisible characters.
  private static func visible(_ line: String) -> String {
    let isClean = line.unicodeScalars.allSatisfy {
      $0 == "\t" || ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
    return isClean ? line : line.prefix { $0 == " " || $0 == "\t" } + line.folded
  }

  private static func cut(_ line: String) -> String {
    guard line.count > maximumCharacters else { return line }
    let start = line.prefix(maximumCharacters)
    return String(start.lastIndex(of: " ").map { start[..<$0] } ?? start)
  }
}
