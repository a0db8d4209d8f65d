import Contract
import Fetch
import FoundationEssentials
import SampleSite
import Support
import Testing
import Web

@testable import Crawling
@testable import LLMSText
@testable import SiteAnalysis

/// A site that a text file describes, with the llms.txt that is generated for it.
///
/// In the file, the line `role:` of a page gives the page's purpose for its owner:
///
/// | role | page |
/// |---|---|
/// | `category` | a category of a shop |
/// | `product` | a product of a shop |
/// | `advice` | an article that answers questions of readers, and the posts of a blog |
/// | `post` | a post in the blog of an organization |
/// | `story` | a customer or a project |
/// | `contact` | address, telephone, opening hours |
/// | `company` | about the owner: history, team, jobs |
/// | `legal` | terms, privacy, imprint |
/// | `unlisted` | tags, authors, carts, logins: pages that a reader does not need |
/// | `free` | the file may list it or not |
///
/// Pages without a role are other good pages. `says:` on the home page names texts that the file must contain.
struct TestSite: Sendable, CustomTestStringConvertible {
  let name: String
  let pages: [TextSite.Page]
  private let site: TextSite

  var testDescription: String { name }

  /// The sites in this folder and the sample sites, by name.
  static let all: [TestSite] = ["Tests/Sites", "LocalRunner/Sample/sites"].flatMap { folder -> [TestSite] in
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(Products.package)/\(folder)")) ?? []
    return files.filter { $0.hasSuffix(".txt") }.sorted().compactMap { file in
      (try? Products.text(of: "\(folder)/\(file)")).map { TestSite(String(file.dropLast(4)), TextSite($0)) }
    }
  }

  private init(_ name: String, _ site: TextSite) {
    self.name = name
    self.site = site
    pages = site.pages.filter { page in
      page.path != "/feed/" && ![".txt", ".xml"].contains(where: page.path.hasSuffix)
    }
  }

  func pages(_ role: String) -> [TextSite.Page] { pages.filter { $0.fields["role"] == role } }

  /// The pages that the file should list.
  var goodPages: [TextSite.Page] {
    pages.filter { $0.path != "/" && !["unlisted", "free"].contains($0.fields["role"] ?? "") }
  }

  var isOnePage: Bool { pages.count == 1 }

  var isEnglish: Bool { text.contains("lang=\"en") }

  /// The HTML of all pages.
  var text: String {
    pages.compactMap { site.response(to: $0.path, origin: StubSite.origin)?.body }.joined(separator: "\n")
  }

  /// The sitemaps that robots.txt names.
  var sitemaps: [String] {
    (site.response(to: "/robots.txt", origin: StubSite.origin)?.body ?? "").split(separator: "\n")
      .filter { $0.hasPrefix("Sitemap: ") }.map { String($0.dropFirst("Sitemap: ".count)) }
  }

  // MARK: The generated file

  private static let files = Dictionary(
    uniqueKeysWithValues: all.map { site in (site.name, Task { try await site.generate() }) })

  /// The generated file. Each site is analyzed once.
  func file() async throws -> GeneratedFile { try await Self.files[name]!.value }

  private func generate() async throws -> GeneratedFile {
    let fetcher = Fetcher { [site] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      guard request.url.hasPrefix(StubSite.origin + "/") else {
        throw FetchError(.unresolvedHost, "the test has only one host")
      }
      let target = request.url.dropFirst(StubSite.origin.count)
      guard let (type, text) = site.response(to: target, origin: StubSite.origin) else {
        return FetchResponse(status: 404, headers: ["content-type": "text/plain"], body: Array("not found".utf8))
      }
      let body = Array(text.utf8)
      return FetchResponse(status: 200, headers: ["content-type": type], body: body, bytesReceived: body.count)
    }
    let crawler = Crawler(fetcher: fetcher, agent: "LLMTxtMastery", deadline: Deadline(after: .seconds(300)))
    let url = try NormalizedURL(StubSite.origin + "/")
    let report = SiteReport(try await SiteCrawl(crawler: crawler).run(CrawlRequest(url: url)), milliseconds: 0)
    return GeneratedFile(LLMSTextComposer(report).compose().rendered())
  }
}

/// The parts of an llms.txt.
struct GeneratedFile: Sendable {
  struct Link: Sendable {
    let section: String
    let title: String
    let path: String
    let description: String
  }

  let text: String
  private(set) var links: [Link] = []
  private(set) var sections: [String] = []

  init(_ text: String) {
    self.text = text
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") {
        sections.append(String(line.dropFirst(3)))
      } else if let match = line.wholeMatch(of: /- \[(.+?)\]\((\S+?)\)(?:: (.+))?/) {
        links.append(
          Link(
            section: sections.last ?? "", title: String(match.1),
            path: String(match.2.replacing(StubSite.origin, with: "")), description: match.3.map(String.init) ?? ""))
      }
    }
  }

  /// The links outside of the section Optional.
  var mainLinks: [Link] { links.filter { $0.section != "Optional" } }

  func position(of page: TextSite.Page) -> Int? { links.firstIndex { $0.path == page.path } }
  func lists(_ page: TextSite.Page) -> Bool { position(of: page) != nil }
  func recommends(_ page: TextSite.Page) -> Bool { mainLinks.contains { $0.path == page.path } }
}
