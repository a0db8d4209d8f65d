extension StringProtocol {
  /// A name made from a URL segment: `getting-started` becomes `Getting Started`.
  package var humanized: String {
    var name = String(self)
    if let dot = name.lastIndex(of: "."), dot != name.startIndex { name = String(name[..<dot]) }
    let words = name.split { "-_+.".contains($0) }
    let acronyms: Set<String> = [
      "api", "sdk", "cli", "faq", "ui", "url", "http", "sql", "html", "css", "json", "xml", "ai", "llm", "rest", "c",
    ]
    return words.map { word in
      acronyms.contains(word.lowercased()) ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined(separator: " ")
  }
}
