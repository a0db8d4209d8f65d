/// What one file of a sitemap lists.
package struct Sitemap: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    /// As written, white space removed; it may be relative or no URL at all.
    package let location: String
    /// As written: a W3C date, or what a feed puts there.
    package let lastModified: String?
  }

  package enum Kind: String, Sendable {
    /// URLs of pages.
    case pages
    /// URLs of further sitemaps.
    case index
    /// An RSS or Atom feed, read as a list of pages.
    case feed
    /// One URL a line.
    case text
  }

  package var kind: Kind
  package var entries: [Entry]

  /// The bytes that are read of one file, unpacked: the protocol's limit is 50 MB, and files beyond it are met.
  package static let maximumBytes = 100 << 20
  /// The entries that are read of one file: the protocol's limit is 50,000, and files beyond it are met.
  package static let maximumEntries = 200_000

  /// Reads a whole file that is at hand; ``SitemapParser`` says how.
  package init?(_ bytes: [UInt8]) {
    let parser = SitemapParser()
    var entries: [Entry] = []
    parser.read(bytes) { entries += $0 }
    parser.finish { entries += $0 }
    guard let kind = parser.kind else { return nil }
    self.kind = kind
    self.entries = entries
  }
}
