import Web

/// Rules for a generated llms.txt, which must hold for any answer of a model.
enum LLMSFileRules {
  /// Returns the violations in a file; empty if the file is valid.
  ///
  /// - Parameter site: the URL prefix that all links must have.
  static func violations(in text: String, of site: String) -> [String] {
    var violations: [String] = []
    let file = LLMSFile(Array(text.utf8))
    if file.reference.crashes { violations.append("the reference parser crashes") }
    violations += file.reference.unreadableLines.map { "line \($0) cannot be parsed" }
    var names: Set<String> = []
    var isInSection = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.unicodeScalars.contains(where: {
        [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }) {
        violations.append("hidden characters: \(line)")
      }
      if line.hasPrefix("## ") {
        isInSection = true
        let name = line.dropFirst(3)
        if !names.insert(name.lowercased()).inserted { violations.append("duplicate section: \(line)") }
        if name.contains(where: { "[]()<>#`".contains($0) }) {
          violations.append("brackets in a section name: \(line)")
        }
      } else if isInSection, !line.isEmpty, !isLink(line, of: site) {
        violations.append("not a link: \(line)")
      }
    }
    if names.isEmpty || names.count > 10 { violations.append("\(names.count) sections") }
    return violations
  }

  /// True for `- [title](url)` or `- [title](url): description` with one link and no other brackets.
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
