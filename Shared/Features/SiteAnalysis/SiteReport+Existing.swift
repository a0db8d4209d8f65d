import Crawling
package import Web

extension SiteReport {
  /// The site's existing llms.txt, which a new file is merged with.
  package struct Existing: Sendable, Codable, Equatable {
    package var url: NormalizedURL
    /// The text of the file as ``ExistingText`` cleans it.
    package var text: String
    /// The file that this program would have written when the owner took over an earlier version of this file; `nil` if
    /// the owner wrote the file without this program. The differences from it are the owner's edits.
    package var base: String?
    /// The links of the file and of its base that are dead, or that lead to another URL now.
    package var replacements: [Replacement] = []

    package struct Replacement: Sendable, Codable, Equatable {
      package var url: NormalizedURL
      /// The page that the link leads to; `nil` if the link is dead.
      package var target: NormalizedURL?
    }

    package init(url: NormalizedURL, text: String, base: String? = nil) {
      self.url = url
      self.text = text
      self.base = base
    }

    /// Cleans a file.
    ///
    /// Returns `nil` if no section links to the site.
    ///
    /// - Parameters:
    ///   - home: The URL of the site's home page.
    ///   - onlyPart: Whether to use only the links to the folder of `home`, because the file is about the whole site.
    init?(_ file: LLMSFile, at url: NormalizedURL, home: NormalizedURL, onlyPart: Bool = false) {
      let text = ExistingText(file, at: url, home: home, onlyPart: onlyPart)
      guard text.linksToSite else { return nil }
      self.init(url: url, text: text.text)
    }

    private enum CodingKeys: String, CodingKey { case url, text, base, replacements }

    /// Decodes a file. The text is empty if the report is from before the text was stored.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      url = try container.decode(NormalizedURL.self, forKey: .url)
      text = try container.decodeIfPresent(String.self, forKey: .text) ?? ""
      base = try container.decodeIfPresent(String.self, forKey: .base)
      replacements = try container.decodeIfPresent([Replacement].self, forKey: .replacements) ?? []
    }

    /// The links of the file's sections.
    var links: [NormalizedURL] { Self.links(in: LLMSFile(text)) }

    /// The links of lines that are not in ``base``, so that the owner wrote or changed them.
    var ownerLinks: [NormalizedURL] {
      let baseLines = Set(base.map { LLMSFile($0).lines } ?? [])
      let file = LLMSFile(text)
      return Self.links(in: file) { !baseLines.contains(file.lines[$0 - 1]) }
    }

    private static func links(in file: LLMSFile, where isIncluded: (Int) -> Bool = { _ in true }) -> [NormalizedURL] {
      file.links.filter { isIncluded($0.line) }.compactMap { try? NormalizedURL($0.link.url) }
    }
  }
}

// MARK: Links that changed

extension SiteReport.Existing {
  /// The file with the links that are dead or lead to another URL, by the result of the crawl.
  ///
  /// A link is kept if its page exists but is not in the report, or was not fetched. It counts as dead only if the site
  /// answered so, or if the request excludes its path.
  ///
  /// - Parameter pages: The pages of the report, beginning with the home page.
  func withReplacements(
    from result: SiteCrawl.Result, pages: [SiteReport.Entry], skipped: [SkippedPage]
  ) -> SiteReport.Existing {
    var file = self
    let site = SitePages(result, pages: pages, skipped: skipped)
    var seen: Set<NormalizedURL> = []
    file.replacements = []
    for link in links + (base.map { Self.links(in: LLMSFile($0)) } ?? [])
    where link.isSameSite(as: pages[0].url) && seen.insert(link).inserted {
      switch site.state(of: link) {
      case .unchanged: break
      case .dead: file.replacements.append(.init(url: link, target: nil))
      case .replaced(let target): file.replacements.append(.init(url: link, target: target))
      }
    }
    return file
  }
}
