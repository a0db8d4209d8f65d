import Web

extension FileRules {
  /// What is said of the links.
  mutating func checkDescriptions() {
    let links = file.links
    var lines: [String: [Int]] = [:]
    for (line, link) in links {
      guard let description = link.description else { continue }
      let plain = Self.plain(description)
      lines[plain, default: []].append(line)
      if Self.says(plain, nothingOf: link) {
        report(
          .emptyPhrase, line, "the description says nothing of the page",
          fix: "say what is covered, for whom, or leave it out: \(LLMSLink.line(link.title, link.url, nil))")
      } else if plain == Self.plain(link.title) {
        report(
          .descriptionIsTitle, line, "the description only repeats the title",
          fix: "add a fact, or leave it out: \(LLMSLink.line(link.title, link.url, nil))")
      } else if Self.isSlug(description, link.url) {
        report(
          .slugDescription, line, "the description is a piece of an address",
          fix: "say what is covered, or leave it out: \(LLMSLink.line(link.title, link.url, nil))")
      } else if Self.isCut(description) {
        report(.cutDescription, line, "the description is cut off", fix: "end the sentence, or shorten it")
      } else if description.count > 300 {
        report(
          .longDescription, line, "the description has \(description.count) characters; good ones have 44 to 131",
          fix: "keep one sentence")
      }
    }
    for (line, link) in links {
      guard let description = link.description, let all = lines[Self.plain(description)], all.count > 1, all[0] == line
      else { continue }
      let others = all.dropFirst().prefix(5).map(String.init).joined(separator: ", ")
      report(
        .repeatedDescription, all[1],
        "the description of line \(line) stands at \(all.count) links (lines \(line), \(others)\(all.count > 6 ? ", …" : ""))",
        fix: "say of each page what the others are not, or describe none")
    }
    checkPeriods(links.filter { $0.link.description != nil })
    let described = links.count { $0.link.description != nil }
    if links.count >= 2, described * 2 < links.count {
      report(
        .fewDescriptions, links[0].line,
        "\(described) of \(links.count) links are described; in good files, nine of ten",
        fix: "say in one noun phrase what each page covers")
    }
  }

  /// Final periods stand always or never.
  private mutating func checkPeriods(_ links: [(line: Int, link: LLMSLink)]) {
    let ended = links.filter { $0.link.description?.last == "." || $0.link.description?.last == "。" }
    let open = links.filter { link in !ended.contains { $0.line == link.line } }
    let fewer = ended.count <= open.count ? ended : open
    guard fewer.count >= 2 else { return }
    report(
      .mixedPeriods, fewer[0].line, "\(ended.count) descriptions end in a period, \(open.count) do not",
      fix: ended.count <= open.count ? "take off the final periods" : "end each with a period")
  }

  /// `getting-started` in place of words.
  private static func isSlug(_ text: String, _ url: String) -> Bool {
    guard !text.contains(" "), text.contains(where: \.isLetter) else { return false }
    return text.contains { "-_/".contains($0) }
      && (text.count { "-_/".contains($0) } >= 2 || url.lowercased().contains(text.lowercased()))
  }

  /// In lower case, letters and digits only.
  private static func plain(_ text: String) -> String {
    String(text.lowercased().map { $0.isLetter || $0.isNumber ? $0 : " " }).folded
  }

  private static func says(_ plain: String, nothingOf link: LLMSLink) -> Bool {
    emptyPhrases.contains(plain) || plain.isEmpty || plain.hasPrefix("this page ") || plain == "this page"
      || plain.hasPrefix("lorem ipsum")
  }

  private static func isCut(_ text: String) -> Bool {
    if text.hasSuffix("…") || text.hasSuffix("...") || text.hasSuffix(",") { return true }
    guard let last = text.split(separator: " ").last, text.contains(" ") else { return false }
    return danglingWords.contains(String(last))
  }

  private static let emptyPhrases: Set<String> = [
    "learn more", "read more", "click here", "more", "here", "more info", "more information", "details", "see more",
    "link", "page", "web page",
    "website", "description", "no description", "n a", "todo", "tbd", "untitled", "documentation page", "view",
    "see details", "find out more",
  ]
  private static let danglingWords: Set<String> = ["the", "a", "an", "and", "or", "your", "our", "their", "its"]
}
