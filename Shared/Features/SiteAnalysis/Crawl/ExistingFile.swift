import Contract
import Fetch
package import Web

extension SiteReport {
  /// The llms.txt that a site has already: what it recommends itself, and in which words.
  package struct Existing: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    package var sections: [Section]

    package struct Section: Sendable, Codable, Equatable {
      package var name: String
      package var links: [Link]
    }

    package struct Link: Sendable, Codable, Equatable {
      package var title: String
      package var url: NormalizedURL
      package var description: String?
    }

    package static let maximumSections = 50
    package static let maximumLinks = 500
    static let maximumCharacters = 500

    /// - Returns: nil where the file names no link of the site in any section.
    init?(_ file: LLMSFile, at url: NormalizedURL, home: NormalizedURL) {
      self.url = url
      sections = []
      var left = Self.maximumLinks
      for section in file.sections.prefix(Self.maximumSections) {
        let links = section.links.compactMap { _, link -> Link? in
          guard let target = try? NormalizedURL(link.url, relativeTo: url), target.isSameSite(as: home) else { return nil }
          return Link(
            title: String(link.title.folded.prefix(Self.maximumCharacters)), url: target.spelled(as: home),
            description: link.description.map { String($0.folded.prefix(Self.maximumCharacters)) })
        }.prefix(left)
        left -= links.count
        if !links.isEmpty { sections.append(Section(name: String(section.name.prefix(Self.maximumCharacters)), links: Array(links))) }
      }
      if sections.isEmpty { return nil }
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

  /// The site's own, or where only a folder of it is read, that folder's before it.
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
      return existing
    }
    return nil
  }

  /// Sites that answer every address with a page answer this one, too.
  private static func isPage(_ response: FetchResponse) -> Bool {
    let start = response.body.prefix(512).drop { $0 <= 0x20 || $0 >= 0xbb }
    return response.mediaType?.hasPrefix("text/html") ?? false || start.first == UInt8(ascii: "<")
  }
}
