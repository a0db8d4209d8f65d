package import Contract
package import Crawling
package import Fetch
import FoundationEssentials
import Synchronization
package import Web

/// Lists the entries of a sitemap, of all files of a sitemap index, or of all sitemaps of a site.
package struct SitemapInspection: Sendable {
  private let fetcher: Fetcher
  private let deadline: Deadline

  package init(_ fetcher: Fetcher, deadline: Deadline) {
    self.fetcher = fetcher
    self.deadline = deadline
  }

  /// Fetches sitemaps and writes one line of JSON for each entry: `url`, `source`, and `lastModified` as `YYYY-MM-DD` if
  /// the entry has a valid date.
  ///
  /// - Parameters:
  ///   - url: a sitemap, or the root of a site, for which the usual places of a sitemap are tried.
  ///   - write: receives many lines at a time.
  /// - Returns: the sitemaps that were read, and those that were skipped with the reason.
  package func run(_ url: NormalizedURL, write: @escaping @Sendable ([UInt8]) -> Void) async -> SitemapReader.Listing {
    let places = url.path == "/" ? await SitemapPlaces(of: url, fetcher, by: deadline) : SitemapPlaces(only: url)
    // One file at a time, so that the lines are in the order of the files. robots.txt does not apply, because the user
    // chose the URL.
    let client = SiteClient(fetcher: fetcher, robots: .allowingAll, agent: "", deadline: deadline)
    let reader = SitemapReader(client: client, width: 1, isBounded: false)
    let output = SitemapLines(write)
    let listing = await reader.read(places) { found in
      output.add(found)
      return true
    }
    output.flush()
    return listing
  }
}

/// Collects lines of JSON and writes many at a time.
///
/// It formats the JSON itself, because `JSONEncoder` takes longer for each entry than parsing the sitemap.
private final class SitemapLines: Sendable {
  private let buffer = Mutex<[UInt8]>([])
  private let write: @Sendable ([UInt8]) -> Void
  /// The last day that a page may have been modified: tomorrow in UTC.
  private let lastDay = SitemapDate.day(Date(timeIntervalSinceNow: 86_400))

  init(_ write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

  func add(_ found: SitemapReader.Found) {
    buffer.withLock { buffer in
      buffer += "{".utf8
      if let date = found.lastModified.flatMap({ SitemapDate.w3c($0, notAfter: lastDay) }) {
        buffer += #""lastModified":""#.utf8
        buffer += date.utf8
        buffer += "\",".utf8
      }
      buffer += #""source":"#.utf8
      JSONText.append(found.source, to: &buffer)
      buffer += #","url":"#.utf8
      JSONText.append(found.url, to: &buffer)
      buffer += "}\n".utf8
      if buffer.count >= 1 << 16 { flush(&buffer) }
    }
  }

  func flush() { buffer.withLock { flush(&$0) } }

  private func flush(_ buffer: inout [UInt8]) {
    write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes JSON strings (RFC 8259, section 7).
private enum JSONText {
  /// A normalized URL contains no character that must be escaped.
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
}
