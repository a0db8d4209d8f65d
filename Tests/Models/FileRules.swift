import Web

/// What every llms.txt must keep, whoever had a say in it.
enum FileRules {
  /// What is wrong with a file of a site; empty where it is valid.
  ///
  /// - Parameter site: the address below which all links lie.
  static func faults(in text: String, of site: String) -> [String] {
    var faults: [String] = []
    let file = LLMSFile(Array(text.utf8))
    if file.reference.crashes { faults.append("the reference parser fails") }
    faults += file.reference.unreadableLines.map { "line \($0) cannot be read" }
    var names: Set<String> = []
    var isInSection = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.unicodeScalars.contains(where: {
        [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }) {
        faults.append("hidden characters: \(line)")
      }
      if line.hasPrefix("## ") {
        isInSection = true
        let name = line.dropFirst(3)
        if !names.insert(name.lowercased()).inserted { faults.append("twice: \(line)") }
        if name.contains(where: { "[]()<>#`".contains($0) }) { faults.append("brackets: \(line)") }
      } else if isInSection, !line.isEmpty, !isLink(line, of: site) {
        faults.append("no link: \(line)")
      }
    }
    if names.isEmpty || names.count > 10 { faults.append("\(names.count) sections") }
    return faults
  }

  /// `- [title](url)` or `- [title](url): description`, with one link and no other bracket.
  private static func isLink(_ line: Substring, of site: String) -> Bool {
    guard line.hasPrefix("- ["), let end = line.firstRange(of: "](") else { return false }
    let title = line[line.index(line.startIndex, offsetBy: 3)..<end.lowerBound]
    let rest = line[end.upperBound...]
    guard !title.isEmpty, !title.contains("["), let close = rest.firstIndex(of: ")") else { return false }
    let url = rest[..<close]
    let tail = rest[rest.index(after: close)...]
    return url.hasPrefix(site) && !url.contains { "( ".contains($0) }
      && (tail.isEmpty || tail.hasPrefix(": ") && !tail.contains { "[]<>`".contains($0) })
  }
}
