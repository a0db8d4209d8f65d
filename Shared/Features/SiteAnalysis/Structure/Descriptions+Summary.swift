import LanguageModel
import Web

extension Descriptions {
  /// Returns one or two sentences that introduce the site, or `nil` if no page defines it.
  ///
  /// - Parameters:
  ///   - pages: The pages in reading order, beginning with the home page.
  ///   - name: The name of the site.
  static func summary(of pages: [Page], named name: String) -> String? {
    let home = pages[0]
    let names = Set("\(home.title ?? "") \(home.heading ?? "") \(home.siteName ?? "")".plainWords)
    if let own = home.description?.unlessInjection, own.wordCount >= 4, !Set(own.plainWords).isSubset(of: names),
      let text = shortened(Sentences.split(own))
    {
      return text
    }
    func candidates(_ page: Page) -> [String] {
      page.paragraphs.prefix(4).filter { !isAside($0) && !PromptInjection.isSuspected(in: $0, by: .phrases) }
        .flatMap { Sentences.split($0) }
        .filter { $0.wordCount >= 5 && $0.last.map { ".!。！".contains($0) } ?? false && !isNotice($0) && !isAside($0) }
    }
    if let text = shortened(Array(candidates(home).prefix(2))) { return text }
    // Look for a sentence such as `PostgreSQL is an object-relational database …` on the other pages.
    let word = name.prefix { $0.isLetter || $0.isNumber || ".-+#".contains($0) }
    guard word.count >= 3 else { return nil }
    for page in pages.dropFirst().prefix(40) {
      let starts = ["is a ", "is an ", "is the "].map { "\(word) \($0)" }
      if let sentence = candidates(page).first(where: { sentence in starts.contains { sentence.hasPrefix($0) } }) {
        return shortened([sentence])
      }
    }
    return nil
  }

  /// Whether a sentence is part of a license or a notice, or refers to the sentence before it.
  private static func isNotice(_ sentence: String) -> Bool {
    let text = sentence.lowercased()
    if let first = text.split(separator: " ").first,
      [
        "there", "you", "please", "if", "when", "after", "these", "they", "those", "also", "but", "and", "however",
        "as", "see",
      ].contains(first)
    {
      return true
    }
    return [
      "://", " also ", "available online", "available at", "free software foundation", "redistribut",
      "under the terms of", "general public license", "warranty", "copyright", "all rights reserved",
      "permission is granted", "licensed under",
    ]
    .contains { text.contains($0) }
  }

  /// Joins as many sentences as fit. If the first sentence is too long, returns its leading clauses.
  private static func shortened(_ sentences: [String]) -> String? {
    guard let first = sentences.first else { return nil }
    guard first.displayWidth <= longestSummary else { return clause(of: first, limit: longestSummary) }
    var text = first
    for sentence in sentences.dropFirst() {
      let longer = text + (text.isUnspaced ? "" : " ") + sentence
      if longer.displayWidth > longestSummary { break }
      text = longer
    }
    return text
  }

  /// The maximum length of a summary. Summaries in curated files have 163 to 330 characters.
  private static let longestSummary = 400
}
