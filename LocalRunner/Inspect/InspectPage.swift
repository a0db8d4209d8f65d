import ArgumentParser
import Contract
import Fetch
import FoundationEssentials
import SiteAnalysis
import Web

struct InspectPage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Show what is read of pages, and how they are scored.",
    discussion: """
      Prints one line of JSON per page: `file`, `url`, `title`, `description`, `canonical`, `robots`, `language`, `words`,
      `score`, its `parts`, `text`, `markdown`. Files may be packed with gzip.

        local-runner inspect page page.html | jq .text
        local-runner inspect page https://example.com/ | jq .parts
      """)

  @Argument(help: ArgumentHelp("Files or URLs.", valueName: "file-or-url"))
  var pages: [String]

  func run() async throws {
    var failed = false
    for page in pages {
      do {
        // Code keeps its own line ends, and many readers of lines end one at those of Unicode, too.
        let line = String(decoding: try JSON.encode(try await read(page)), as: UTF8.self)
          .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029").replacing("\u{85}", with: "\\u0085")
        Descriptor.standardOutput.write(Array(line.utf8) + [0x0a])
      } catch {
        say("local-runner: \(page): \(error)")
        failed = true
      }
    }
    if failed { throw ExitStatus.crashed }
  }

  private func read(_ name: String) async throws -> Line {
    if name.hasPrefix("http://") || name.hasPrefix("https://") {
      let url = try NormalizedURL(name)
      let response = try await InspectCommand.fetcher(for: url).fetch(FetchRequest(url.description))
      guard response.status == 200 else { throw ValidationError("answered \(response.status)") }
      return Line(file: name, response.body, url, charset: response.charset)
    }
    guard let data = try? Data(contentsOf: URL(filePath: name)) else { throw ValidationError("cannot be read") }
    guard let bytes = Gzip.unpackedIfPacked(Array(data), limit: FetchLimits.page.bytes * 4) else { throw ValidationError("is broken gzip") }
    return Line(file: name, bytes, try NormalizedURL("https://localhost/"), charset: nil)
  }

  private struct Line: Encodable {
    let file: String
    let url: NormalizedURL
    let title: String?
    let description: String?
    let canonical: NormalizedURL?
    let robots: [String]
    let language: String?
    let words: Int
    let score: Double
    let parts: [String: Double]
    let text: String
    let markdown: String

    init(file: String, _ bytes: [UInt8], _ url: NormalizedURL, charset: String?) {
      let (page, markdown) = PageReader.readWithMarkdown(bytes, url: url, charset: charset)
      let score = PageScore(of: page)
      self.file = file
      self.url = page.canonical ?? url
      title = page.title
      description = page.description
      canonical = page.canonical
      robots = page.robots.sorted()
      language = page.language
      words = page.words
      self.score = score.value
      parts = Dictionary(uniqueKeysWithValues: score.parts.map { ($0.name, $0.points) })
      text = page.text
      self.markdown = markdown
    }
  }
}
