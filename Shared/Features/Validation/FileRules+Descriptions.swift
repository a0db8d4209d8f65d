import Web

extension FileRules {
  /// Checks the descriptions of links.
  mutating func checkDescriptions() {
    let links = file.links
    var lines: [String: [Int]] = [:]
    for (line, link) in links {
      guard let description = link.description, !link.hasSecondLink else { continue }
      let plain = Self.plain(description)
      lines[plain, default: []].append(line)
      if Self.isMeaningless(plain) {
        report(
          .emptyPhrase, line, "the description says nothing about the page",
          fix: "describe the contents and the audience, or remove it: \(LLMSLink.line(link.title, link.url, nil))")
      } else if plain == Self.plain(link.title) {
        report(
          .descriptionIsTitle, line, "the description only repeats the title",
          fix: "add a fact, or remove it: \(LLMSLink.line(link.title, link.url, nil))")
      } else if Self.isSlug(description, link.url) {
        report(
          .slugDescription, line, "the description is a part of a URL",
          fix: "describe the contents, or remove it: \(LLMSLink.line(link.title, link.url, nil))")
      } else if Self.isCut(description) {
        report(.cutDescription, line, "the description is truncated", fix: "complete the sentence, or shorten it")
      } else if description.count > 300 {
        report(
          .longDescription, line,
          "the description has \(description.count) characters; good descriptions have 44 to 131",
          fix: "keep one sentence")
      }
    }
    for (line, link) in links {
      guard let description = link.description, let all = lines[Self.plain(description)], all.count > 1, all[0] == line
      else { continue }
      let others = all.dropFirst().prefix(5).map(String.init).joined(separator: ", ")
      report(
        .repeatedDescription, all[1],
        "\(all.count) links have the same description (lines \(line), \(others)\(all.count > 6 ? ", …" : ""))",
        fix: "describe how the pages differ, or remove the descriptions")
    }
    checkPeriods(links.filter { $0.link.description != nil })
    let described = links.count { $0.link.description != nil }
    if links.count >= 2, described * 2 < links.count {
      report(
        .fewDescriptions, links[0].line,
        "only \(described) of \(links.count) links have a description; in good files, 90 % have one",
        fix: "describe the contents of each page in one noun phrase")
    }
  }

  /// Reports files in which some descriptions end with a period and others do not.
  private mutating func checkPeriods(_ links: [(line: Int, link: LLMSLink)]) {
    let ended = links.filter { $0.link.description?.last == "." || $0.link.description?.last == "。" }
    let open = links.filter { link in !ended.contains { $0.line == link.line } }
    let fewer = ended.count <= open.count ? ended : open
    guard fewer.count >= 2 else { return }
    report(
      .mixedPeriods, fewer[0].line, "\(ended.count) descriptions end with a period, \(open.count) do not",
      fix: ended.count <= open.count ? "remove the final periods" : "end each description with a period")
  }

  /// Whether a description is a URL segment or path, such as `getting-started`, instead of words.
  private static func isSlug(_ text: String, _ url: String) -> Bool {
    guard !text.contains(" "), text.contains(where: \.isLetter) else { return false }
    return text.contains { "-_/".contains($0) }
      && (text.count { "-_/".contains($0) } >= 2 || url.lowercased().contains(text.lowercased()))
  }

  /// Returns a text in lower case with only letters, digits and single spaces.
  private static func plain(_ text: String) -> String {
    String(text.lowercased().map { $0.isLetter || $0.isNumber ? $0 : " " }).folded
  }

  /// Whether a text in the form of ``plain(_:)`` is a placeholder or an empty phrase.
  private static func isMeaningless(_ plain: String) -> Bool {
    emptyPhrases.contains(plain) || plain.isEmpty || plain.hasPrefix("this page ") || plain == "this page"
      || plain.hasPrefix("lorem ipsum")
  }

  /// Whether a description ends with an ellipsis, a comma or a word that needs another one.
  private static func isCut(_ text: String) -> Bool {
    if text.hasSuffix("…") || text.hasSuffix("...") || text.hasSuffix(",") { return true }
    guard let last = text.split(separator: " ").last, text.contains(" ") else { return false }
    return danglingWords.contains(String(last))
  }

  private static let emptyPhrases: Set<String> = [
    "learn more", "read more", "click here", "more", "here", "more info", "more information", "details", "see more",
    "link", "page", "web page", "website", "description", "no description", "n a", "todo", "tbd", "untitled",
    "documentation page", "view", "see details", "find out more",
  ]
  private static let danglingWords: Set<String> = ["the", "a", "an", "and", "or", "your", "our", "their", "its"]
}
