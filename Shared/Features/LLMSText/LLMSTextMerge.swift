import SiteAnalysis
import Web

/// Merges a newly composed file into the file of the site's owner.
///
/// This is a three-way merge. The differences between the base, which this program composed earlier, and the owner's
/// file are the owner's edits; they stay. All other lines follow the new file. Without a base, the whole file is the
/// owner's. New pages are added beside their neighbours in the new file.
struct LLMSTextMerge {
  /// The maximum size of a file in characters; no more links are added to a longer file. Some clients read only the
  /// beginning of files over 50,000 characters.
  static let maximumCharacters = 48_000

  let base: LinkIndex?
  let theirs: LinkIndex
  let new: LinkIndex
  /// The targets of the owner's and the base's links that changed; nil for dead links.
  private let replacements: [NormalizedURL: NormalizedURL?]

  /// - Parameter new: the file composed from the report of the site, without the owner's file.
  init(_ existing: SiteReport.Existing, new: LLMSTextFile) {
    self.init(
      base: existing.base.map(LLMSTextFile.init(parsing:)), theirs: LLMSTextFile(parsing: existing.text), new: new,
      replacements: existing.replacements)
  }

  init(
    base: LLMSTextFile?, theirs: LLMSTextFile, new: LLMSTextFile, replacements: [SiteReport.Existing.Replacement] = []
  ) {
    self.replacements = Dictionary(replacements.map { ($0.url, $0.target) }) { first, _ in first }
    self.base = base.map { [replacements = self.replacements] in LinkIndex(Self.moved($0, replacements)) }
    self.theirs = LinkIndex(Self.moved(theirs, self.replacements))
    // Parsed links compare equal to the links of the other files.
    self.new = LinkIndex(LLMSTextFile(parsing: new.rendered()))
  }

  /// The file with the new targets of its links.
  private static func moved(_ file: LLMSTextFile, _ replacements: [NormalizedURL: NormalizedURL?]) -> LLMSTextFile {
    var file = file
    for section in file.sections.indices {
      for line in file.sections[section].lines.indices {
        guard case .link(var link) = file.sections[section].lines[line], let url = try? NormalizedURL(link.url),
          let target = replacements[url] ?? nil
        else { continue }
        link.written = link.written?.replacing("(\(link.url)", with: "(\(target)", maxReplacements: 1)
        link.url = target.description
        file.sections[section].lines[line] = .link(link)
      }
    }
    return file
  }

  /// Returns the merged file, and the base of the next merge.
  ///
  /// The base is the new file with the lines that it lost since the last merge and that the owner has edited or removed.
  /// Otherwise these edits would be forgotten when a page is missing once.
  func merged() -> (file: LLMSTextFile, base: LLMSTextFile) {
    if let base, base.file.rendered() == theirs.file.rendered() { return (new.file, new.file) }
    var sections = MergedSections(self)
    sections.addNewPages()
    let head = MergedHead(self, sections)
    var base = new.file
    sections.carryEdits(into: &base)
    head.carryRemovals(into: &base)
    return (LLMSTextFile(title: head.title, head: head.lines, sections: sections.sections.map(\.section)), base)
  }

  /// The sections with the owner's titles and descriptions of their links.
  func ownerTexts(in sections: [LLMSTextFile.Section]) -> [LLMSTextFile.Section] {
    sections.map { section in
      LLMSTextFile.Section(
        name: section.name,
        links: section.links.map { link in
          guard let own = theirs[link]?.link, own.isPlain else { return link }
          guard let old = base?[link]?.link else {
            return .init(title: own.title, url: link.url, description: own.description)
          }
          return .init(
            title: own.title == old.title ? link.title : own.title, url: link.url,
            description: own.description == old.description ? link.description : own.description)
        })
    }
  }

  func isDead(_ link: LLMSTextFile.Link) -> Bool {
    guard let url = try? NormalizedURL(link.url), let target = replacements[url] else { return false }
    return target == nil
  }

  /// A link of the owner's file with the texts of the new file that the owner has not edited.
  ///
  /// - Parameters:
  ///   - old: the link in the base.
  ///   - new: the link in the new file.
  static func merged(_ link: LLMSTextFile.Link, old: LLMSTextFile.Link, new: LLMSTextFile.Link) -> LLMSTextFile.Link {
    guard link.isPlain else { return link }
    return LLMSTextFile.Link(
      title: link.title == old.title ? new.title : link.title, url: link.url == old.url ? new.url : link.url,
      description: link.description == old.description ? new.description : link.description)
  }
}
