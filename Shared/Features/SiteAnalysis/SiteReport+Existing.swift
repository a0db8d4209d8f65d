import Validation
package import Web

extension SiteReport {
  /// The site's existing llms.txt: the sections, links and texts that a new file takes over.
  package struct Existing: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    /// The first title, in one line.
    package var title: String?
    /// The blockquote, in one line.
    package var summary: String?
    /// The text between the blockquote and the first section, in one line.
    package var details: String?
    package var sections: [Section]
    /// The file's links to existing files of the site that are not pages: Markdown, documents, data. `nil` if the links
    /// were not checked.
    package var files: [NormalizedURL]?

    package struct Section: Sendable, Codable, Equatable {
      package var name: String
      package var links: [Link]
    }

    package struct Link: Sendable, Codable, Hashable {
      package var title: String
      package var url: NormalizedURL
      package var description: String?
      /// Whether the link is in a file that this program generated earlier, so that the site's owner did not choose its
      /// texts. `nil` means false.
      package var isWrittenHere: Bool?
    }

    package static let maximumSections = 50
    package static let maximumLinks = 500
    static let maximumCharacters = 500

    /// Takes over the texts and links of a file, without prompt injections and URLs of private networks.
    ///
    /// Returns `nil` if no section links to the site.
    ///
    /// - Parameter home: The URL of the site's home page.
    init?(_ file: LLMSFile, at url: NormalizedURL, home: NormalizedURL) {
      self.url = url
      title = Self.line(file.title?.text, limit: 120)
      summary = Self.line(file.quotes.map(\.text).joined(separator: " "), limit: 600)
      details = Self.line(Self.prose(of: file).joined(separator: " "), limit: 2000)
      sections = []
      var left = Self.maximumLinks
      for section in file.sections.prefix(Self.maximumSections) {
        guard let name = Self.line(section.name, limit: Self.maximumCharacters) else { continue }
        let links = section.links.compactMap { Self.link($0.link, in: url, of: home) }.prefix(left)
        left -= links.count
        if !links.isEmpty { sections.append(Section(name: name, links: Array(links))) }
      }
      if !sections.contains(where: { $0.links.contains { $0.url.isSameSite(as: home) } }) { return nil }
    }

    /// Returns the file without the texts of files that this program generated earlier, and with their links marked.
    ///
    /// The texts of a generated file were taken from the pages of that time. They are not a choice of the site's owner.
    ///
    /// - Parameter generated: The files that this program generated for the site.
    /// - Returns: `nil` if the file is one of these.
    func ownerWritten(without generated: [Existing]) -> Existing? {
      if generated.contains(where: {
        $0.sections == sections && $0.title == title && $0.summary == summary && $0.details == details
      }) {
        return nil
      }
      var own = self
      if generated.contains(where: { $0.title == title }) { own.title = nil }
      if generated.contains(where: { $0.summary == summary }) { own.summary = nil }
      if generated.contains(where: { $0.details == details }) { own.details = nil }
      let generatedLinks = Set(generated.flatMap(\.sections).flatMap(\.links))
      for section in sections.indices {
        for link in sections[section].links.indices where generatedLinks.contains(sections[section].links[link]) {
          own.sections[section].links[link].isWrittenHere = true
        }
      }
      return own
    }

    /// Returns only the links to a part of the site, without the title and texts of the whole site.
    ///
    /// - Parameter home: The URL of the part's home page.
    func limited(toPart home: NormalizedURL) -> Existing {
      var part = self
      (part.title, part.summary, part.details) = (nil, nil, nil)
      for index in part.sections.indices { part.sections[index].links.removeAll { !$0.url.isSameSite(as: home) } }
      part.sections.removeAll(where: \.links.isEmpty)
      return part
    }

    /// Returns a link with an absolute URL, or `nil` if it has no valid URL, no usable title or a private URL.
    private static func link(_ link: LLMSLink, in url: NormalizedURL, of home: NormalizedURL) -> Link? {
      guard let target = try? NormalizedURL(link.url, relativeTo: url),
        let title = line(link.title, limit: maximumCharacters)
      else { return nil }
      let isOwn = target.isSameSite(as: home)
      guard isOwn || PrivateAddress.reason(target) == nil else { return nil }
      return Link(
        title: title, url: isOwn ? target.usingOrigin(of: home) : target,
        description: line(link.description, limit: maximumCharacters))
    }

    private static func line(_ text: String?, limit: Int) -> String? {
      guard let text = text?.folded, !text.isEmpty else { return nil }
      return String(text.prefix(limit)).unlessInjection
    }

    /// Returns the text between the title and the first section, without blockquotes, lists, code and headings.
    private static func prose(of file: LLMSFile) -> [String] {
      file.head.filter { $0.kind == .text && $0.line > file.title?.line ?? 0 }.map { file.lines[$0.line - 1] }
    }
  }
}
