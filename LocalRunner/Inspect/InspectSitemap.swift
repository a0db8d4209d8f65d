import ArgumentParser
import Contract
import SiteAnalysis
import Synchronization
import Web

struct InspectSitemap: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sitemap",
    abstract: "List what a sitemap names, following indexes.",
    discussion: """
      Prints one line of JSON per entry as the files arrive: `url`, `lastModified`, `source`; of an index all files, however many
      (an analysis reads up to 1,000, in a third of its time). Files that could not be read, and why, go to stderr.

        local-runner inspect sitemap https://example.com/sitemap.xml | jq -r .url
        local-runner inspect sitemap https://example.com/                      # sought where a site may have it
      """)

  @Argument(help: ArgumentHelp("The sitemap, or a site whose sitemaps are sought.", valueName: "url"))
  var url: String

  func run() async throws {
    let url = try NormalizedURL(typed: url)
    let fetcher = try InspectCommand.fetcher(for: url)
    let deadline = Deadline(after: .seconds(600))
    let places = url.path == "/" ? await SitemapPlaces(of: url, fetcher, by: deadline) : SitemapPlaces(only: url)
    // One file after another, so that the lines keep the files' order; whoever inspects says what is asked for.
    let reader = SitemapReader(
      fetcher: fetcher, robots: .allowingAll, agent: "", deadline: deadline, width: 1, isBounded: false)
    let output = SitemapLines()
    let listing = await reader.read(places) { found in
      output.write(found)
      return true
    }
    output.flush()
    for skipped in listing.skipped { say("local-runner: \(skipped.url): \(skipped.reason)") }
    guard !listing.sources.isEmpty else {
      say("local-runner: \(url.path == "/" ? "no sitemap was found in any of these places" : "\(url) is no sitemap")")
      throw ExitStatus.crashed
    }
  }
}

/// Lines of JSON, written many at a time; the encoder of the library would take longer for each than reading it does.
private final class SitemapLines: Sendable {
  private let buffer = Mutex<[UInt8]>([])

  func write(_ found: SitemapReader.Found) {
    buffer.withLock { buffer in
      buffer += #"{"#.utf8
      if let date = found.lastModified {
        buffer += #""lastModified":"#.utf8
        JSONText.append(date, to: &buffer)
        buffer += ",".utf8
      }
      buffer += #""source":"#.utf8
      JSONText.append(found.source, to: &buffer)
      buffer += #","url":"#.utf8
      JSONText.append(found.url, to: &buffer)
      buffer += "}\n".utf8
      if buffer.count >= 1 << 16 { Self.flush(&buffer) }
    }
  }

  func flush() { buffer.withLock { Self.flush(&$0) } }

  private static func flush(_ buffer: inout [UInt8]) {
    Descriptor.standardOutput.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Strings of JSON (RFC 8259, section 7).
private enum JSONText {
  /// A URL's own spelling has nothing to escape.
  static func append(_ url: NormalizedURL, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\""))
    buffer += url.scheme.rawValue.utf8
    buffer += "://".utf8
    buffer += url.host.utf8
    if let port = url.port { buffer += ":\(port)".utf8 }
    buffer += url.path.utf8
    if let query = url.query {
      buffer.append(UInt8(ascii: "?"))
      buffer += query.utf8
    }
    buffer.append(UInt8(ascii: "\""))
  }

  static func append(_ text: String, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): buffer += [UInt8(ascii: "\\"), byte]
      case ..<0x20: buffer += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: buffer.append(byte)
      }
    }
    buffer.append(UInt8(ascii: "\""))
  }
}
