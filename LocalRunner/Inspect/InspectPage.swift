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
        Descriptor.standardOutput.write(Self.escapingLineEnds(try JSON.encode(try await read(page))) + [0x0a])
      } catch {
        say("local-runner: \(page): \(error)")
        failed = true
      }
    }
    if failed { throw ExitStatus.crashed }
  }

  /// Escapes U+0085, U+2028 and U+2029: code keeps its own line ends, and many readers of lines end one there.
  private static func escapingLineEnds(_ json: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(json.count + 1)
    var rest = json[...]
    while let start = rest.firstIndex(where: { $0 == 0xc2 || $0 == 0xe2 }) {
      output += rest[..<start]
      rest = rest[start...]
      let escape = Self.lineEnds.first { rest.starts(with: $0.bytes) }
      output += escape.map { Array($0.escape.utf8) } ?? [rest[start]]
      rest = rest.dropFirst(escape?.bytes.count ?? 1)
    }
    return output + rest
  }

  private static let lineEnds: [(bytes: [UInt8], escape: String)] = [
    ([0xc2, 0x85], "\\u0085"), ([0xe2, 0x80, 0xa8], "\\u2028"), ([0xe2, 0x80, 0xa9], "\\u2029"),
  ]

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
