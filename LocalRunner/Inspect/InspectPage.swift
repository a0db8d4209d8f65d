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
      `score`, its `parts`, `text`, `markdown`, and `needsJavaScript` for a page that has nothing to read without. Files may be packed
      with gzip; of URLs, redirects are followed and headers count. The score is the page's by itself: `analyze` knows its place in
      the site, too, and gives the `parts` of each page.

        local-runner inspect page page.html | jq .text
        local-runner inspect page https://example.com/ | jq .parts
      """)

  @Flag(help: "Print what the choice of the main content is learned from.")
  var features = false

  @Argument(help: ArgumentHelp("Files or URLs.", valueName: "file-or-url"))
  var pages: [String]

  func run() async throws {
    var failed = false
    // As many at a time as there are processors; printed in the order of asking, so that few have to wait.
    let width = max(1, ProcessInfo.processInfo.activeProcessorCount)
    await withTaskGroup(of: (Int, Answer).self) { group in
      var waiting: [Int: Answer] = [:]
      var next = 0
      func start() {
        guard next < pages.count else { return }
        let (index, page) = (next, pages[next])
        next += 1
        group.addTask { (index, await answer(page)) }
      }
      for _ in 0..<(width * 2) { start() }
      var printed = 0
      for await (index, answer) in group {
        waiting[index] = answer
        while let answer = waiting.removeValue(forKey: printed) {
          switch answer {
          case .line(let line): Descriptor.standardOutput.write(line)
          case .failure(let message):
            say("local-runner: \(pages[printed]): \(message)")
            failed = true
          }
          printed += 1
          start()
        }
      }
    }
    if failed { throw ExitStatus.crashed }
  }

  private enum Answer: Sendable {
    case line([UInt8])
    case failure(String)
  }

  @concurrent
  private func answer(_ page: String) async -> Answer {
    do {
      let (bytes, url, response) = try await load(page)
      let json =
        features
        ? try JSON.encode(FeatureLine(file: page, sample: LearningSample(bytes, url: url)))
        : try JSON.encode(Line(file: page, bytes, url, response))
      return .line(Self.escapingLineEnds(json) + [0x0a])
    } catch {
      return .failure("\(error)")
    }
  }

  private struct FeatureLine: Encodable {
    let file: String
    let sample: LearningSample
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

  private func load(_ name: String) async throws -> (bytes: [UInt8], url: NormalizedURL, response: FetchResponse?) {
    if name.hasPrefix("http://") || name.hasPrefix("https://") {
      let url = try NormalizedURL(name)
      guard
        let (response, source) = try await InspectCommand.fetcher(for: url).fetchFollowingRedirects(
          url, limits: .page, by: Deadline(after: .seconds(60)))
      else { throw ValidationError("redirects without end, or to what is no URL") }
      guard response.status == 200 else {
        throw ValidationError("answered \(response.status)" + (source == url ? "" : " at \(source)"))
      }
      return (response.body, source, response)
    }
    guard let data = try? Data(contentsOf: URL(filePath: name)) else { throw ValidationError("cannot be read") }
    guard let bytes = Gzip.unpackedIfPacked(Array(data), limit: FetchLimits.page.bytes * 4) else {
      throw ValidationError("is broken gzip")
    }
    return (bytes, try NormalizedURL("https://localhost/"), nil)
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
    let needsJavaScript: Bool
    let text: String
    let markdown: String

    init(file: String, _ bytes: [UInt8], _ url: NormalizedURL, _ response: FetchResponse?) {
      let agent = UserAgent(.ofProcess()).token
      let (read, markdown) = PageReader.readWithMarkdown(bytes, url: url, charset: response?.charset, agent: agent)
      let page = response.map { read.with(headersOf: $0, agent: agent) } ?? read
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
      needsJavaScript = page.isScriptShell
      parts = score.named
      text = page.text
      self.markdown = markdown
    }
  }
}
