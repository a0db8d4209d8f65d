/// The entries of one sitemap file.
package struct Sitemap: Sendable, Equatable {
  /// One listed URL.
  package struct Entry: Sendable, Equatable {
    /// As written, without surrounding white space. It may be relative or not a valid URL.
    package let location: String
    /// As written: a W3C date, or the date format of the feed.
    package let lastModified: String?
  }

  /// The format of a sitemap file.
  package enum Kind: String, Sendable {
    /// A `urlset`: URLs of pages.
    case pages
    /// A `sitemapindex`: URLs of other sitemaps.
    case index
    /// An RSS or Atom feed, treated as a list of pages.
    case feed
    /// Plain text with one URL per line.
    case text
  }

  package var kind: Kind
  package var entries: [Entry]

  /// The number of decompressed bytes that are parsed per file. The protocol's limit is 50 MB, but larger files exist.
  package static let maximumBytes = 100 << 20
  /// The number of entries that are parsed per file. The protocol's limit is 50,000, but larger files exist.
  package static let maximumEntries = 200_000

  /// Parses a complete file; see ``SitemapParser``. Returns nil if it is not a sitemap.
  package init?(_ bytes: [UInt8]) {
    let parser = SitemapParser()
    var entries: [Entry] = []
    parser.parse(bytes) { entries += $0 }
    parser.finish { entries += $0 }
    guard let kind = parser.kind else { return nil }
    self.kind = kind
    self.entries = entries
  }
}
