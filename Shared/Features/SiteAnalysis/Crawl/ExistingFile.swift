import Contract
import Fetch
package import Web

extension SiteReport {
  /// The llms.txt that a site has already: what it recommends itself, and in which words.
  package struct Existing: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    /// The first of its titles, its blockquote, and what stands between that and the first section; each in one line.
    package var title: String?
    package var summary: String?
    package var details: String?
    package var sections: [Section]
    /// Of its links to the site itself, what is no page and is there: Markdown, documents, data. Nil where nobody
    /// asked.
    package var files: [NormalizedURL]?

    package struct Section: Sendable, Codable, Equatable {
      package var name: String
      package var links: [Link]
    }

    package struct Link: Sendable, Codable, Hashable {
      package var title: String
      package var url: NormalizedURL
      package var description: String?
      /// Whether its words are those that this program took from the page when it wrote the file; nil where somebody
      /// chose them.
      package var isWrittenHere: Bool?
    }

    package static let maximumSections = 50
    package static let maximumLinks = 500
    static let maximumCharacters = 500

    /// What commands its reader is not taken over, and neither are addresses that only the site's own people reach.
    ///
    /// - Returns: nil where the file names no link of the site in any section.
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

    /// What of it somebody wrote by hand: the words of a file that this program wrote are the pages' own of that time,
    /// and nobody's choice.
    ///
    /// - Parameter written: what this program wrote of the site before.
    /// - Returns: nil where the file is one of these.
    func byHand(beside written: [Existing]) -> Existing? {
      if written.contains(where: {
        $0.sections == sections && $0.title == title && $0.summary == summary && $0.details == details
      }) {
        return nil
      }
      var own = self
      if written.contains(where: { $0.title == title }) { own.title = nil }
      if written.contains(where: { $0.summary == summary }) { own.summary = nil }
      if written.contains(where: { $0.details == details }) { own.details = nil }
      let known = Set(written.flatMap(\.sections).flatMap(\.links))
      for section in sections.indices {
        for link in sections[section].links.indices where known.contains(sections[section].links[link]) {
          own.sections[section].links[link].isWrittenHere = true
        }
      }
      return own
    }

    /// What of it concerns a part of the site.
    func ofPart(_ home: NormalizedURL) -> Existing {
      var part = self
      (part.title, part.summary, part.details) = (nil, nil, nil)
      for index in part.sections.indices { part.sections[index].links.removeAll { !$0.url.isSameSite(as: home) } }
      part.sections.removeAll(where: \.links.isEmpty)
      return part
    }

    private static func link(_ link: LLMSLink, in url: NormalizedURL, of home: NormalizedURL) -> Link? {
      guard let target = try? NormalizedURL(link.url, relativeTo: url),
        let title = line(link.title, limit: maximumCharacters)
      else { return nil }
      let isOwn = target.isSameSite(as: home)
      guard isOwn || PrivateAddress.reason(target) == nil else { return nil }
      return Link(
        title: title, url: isOwn ? target.spelled(as: home) : target,
        description: line(link.description, limit: maximumCharacters))
    }

    private static func line(_ text: String?, limit: Int) -> String? {
      guard let text = text?.folded, !text.isEmpty else { return nil }
      return String(text.prefix(limit)).unlessCommand
    }

    /// The text between blockquote and sections, without lists, code and headings.
    private static func prose(of file: LLMSFile) -> [String] {
      file.head.filter { $0.kind == .text && $0.line > file.title?.line ?? 0 }.map { file.lines[$0.line - 1] }
    }
  }
}

/// Reads the llms.txt that a site has already.
struct ExistingFileReader: Sendable {
  let fetcher: Fetcher
  let robots: RobotsFile
  let agent: String
  let deadline: Deadline
  let pace: HostPace

  private static let limits = FetchLimits(bytes: 512 << 10, duration: .seconds(5))

  /// The site's own, or where only a folder of it is read, that folder's before it; of the site's own then what it
  /// names of the site, for
  /// its title and its words are the whole site's.
  ///
  /// - Returns: nil where there is none, where robots.txt forbids it, and where something else stands in its place.
  func read(_ home: NormalizedURL) async -> SiteReport.Existing? {
    for path in home.folder == "/" ? ["/llms.txt"] : [home.folder + "llms.txt", "/llms.txt"] {
      let url = home.at(path: path)
      guard robots.allows(url, agent: agent) else { continue }
      await pace.turn(by: deadline)
      guard let (response, source) = try? await fetcher.fetchFollowingRedirects(url, limits: Self.limits, by: deadline),
        response.status == 200, source.isSameSite(as: home), !Self.isPage(response),
        let existing = SiteReport.Existing(LLMSFile(response.body), at: source, home: home)
      else { continue }
      return path == home.folder + "llms.txt" ? existing : existing.ofPart(home)
    }
    return nil
  }

  /// Sites that answer every address with a page answer this one, too.
  private static func isPage(_ response: FetchResponse) -> Bool {
    let start = response.body.prefix(512).drop { $0 <= 0x20 || $0 >= 0xbb }
    return response.mediaType?.hasPrefix("text/html") ?? false || start.first == UInt8(ascii: "<")
  }
}
