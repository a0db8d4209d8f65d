import Contract
import Crawling
package import Fetch
import FoundationEssentials
import SiteAnalysis
package import Web

/// Shows the text and metadata that an analysis extracts from pages, and their scores.
package struct PageInspection: Sendable {
  private let agent: String
  private let showsFeatures: Bool
  private let fetcher: @Sendable (NormalizedURL) throws -> Fetcher

  /// - Parameters:
  ///   - agent: the product token of the crawler, for robots directives.
  ///   - showsFeatures: whether to show the features from which the extraction of the main content was trained.
  ///   - fetcher: makes a fetcher that may fetch a URL.
  package init(
    agent: String, showsFeatures: Bool = false, fetcher: @escaping @Sendable (NormalizedURL) throws -> Fetcher
  ) {
    self.agent = agent
    self.showsFeatures = showsFeatures
    self.fetcher = fetcher
  }

  /// The reason why a page cannot be inspected.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  package enum Output: Sendable, Equatable {
    /// One line of JSON.
    case line([UInt8])
    case failure(page: String, message: String)
  }

  /// Inspects pages, several at a time, and reports them in the given order.
  ///
  /// - Parameter pages: files, which may be compressed with gzip, or URLs.
  package func run(_ pages: [String], onOutput: (Output) -> Void) async {
    let width = max(1, ProcessInfo.processInfo.activeProcessorCount) * 2
    await withTaskGroup(of: (Int, Output).self) { group in
      var finished: [Int: Output] = [:]
      var next = 0
      func start() {
        guard next < pages.count else { return }
        let (index, page) = (next, pages[next])
        next += 1
        group.addTask { (index, await inspect(page)) }
      }
      for _ in 0..<width { start() }
      var reported = 0
      for await (index, output) in group {
        finished[index] = output
        while let output = finished.removeValue(forKey: reported) {
          onOutput(output)
          reported += 1
          start()
        }
      }
    }
  }

  @concurrent
  private func inspect(_ page: String) async -> Output {
    do {
      let (bytes, url, response) = try await load(page)
      let json =
        showsFeatures
        ? try JSON.encode(FeatureLine(file: page, sample: LearningSample(bytes, url: url)))
        : try JSON.encode(PageLine(file: page, bytes, url, response, agent: agent))
      return .line(Self.escapingLineEnds(json) + [0x0a])
    } catch {
      return .failure(page: page, message: "\(error)")
    }
  }

  private struct FeatureLine: Encodable {
    let file: String
    let sample: LearningSample
  }

  /// Escapes U+0085, U+2028 and U+2029, because many programs treat them as ends of lines.
  static func escapingLineEnds(_ json: [UInt8]) -> [UInt8] {
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
      // robots.txt does not apply, because the user chose the URL.
      let client = SiteClient(
        fetcher: try fetcher(url), robots: .allowingAll, agent: "", deadline: Deadline(after: .seconds(60)))
      guard case .response(let response, let source) = try await client.get(url) else {
        throw Problem(description: "too many redirects, or a redirect to an invalid URL")
      }
      guard response.status == 200 else {
        throw Problem(description: "status \(response.status)" + (source == url ? "" : " at \(source)"))
      }
      return (response.body, source, response)
    }
    guard let data = try? Data(contentsOf: URL(filePath: name)) else {
      throw Problem(description: "the file cannot be read")
    }
    guard let bytes = Gzip.decompressedIfGzip(Array(data), limit: FetchLimits.page.bytes * 4) else {
      throw Problem(description: "the file is not valid gzip")
    }
    return (bytes, try NormalizedURL("https://localhost/"), nil)
  }
}

/// The result of inspecting one page.
private struct PageLine: Encodable {
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

  init(file: String, _ bytes: [UInt8], _ url: NormalizedURL, _ response: FetchResponse?, agent: String) {
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
