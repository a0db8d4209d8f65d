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

  /// The bytes that are read of one file, unpacked: the protocol's limit is 50 MB.
  package static let maximumBytes = 60 << 20
  /// The entries that are read of one file: the protocol's limit is 50,000.
  package static let maximumEntries = 100_000

  /// Reads a sitemap by what it holds, whatever it is called: XML of any of its forms or plain text, gzip or not.
  ///
  /// Of a broken file, what stands before the break is read. A page of HTML, which is what many sites answer for
  /// everything, is none.
  package init?(_ bytes: [UInt8]) {
    guard var text = Gzip.unpackedIfPacked(bytes, limit: Self.maximumBytes) else { return nil }
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text.removeFirst(3) }
    guard let first = text.first(where: { $0 > 0x20 }) else { return nil }
    // The byte order marks of UTF-16 are the XML parser's to understand.
    if first == UInt8(ascii: "<") || text.starts(with: [0xff, 0xfe]) || text.starts(with: [0xfe, 0xff]) {
      guard let sitemap = SitemapXML.parse(text) else { return nil }
      self = sitemap
    } else {
      guard let sitemap = Sitemap(lines: text) else { return nil }
      self = sitemap
    }
  }

  private init?(lines text: [UInt8]) {
    var entries: [Entry] = []
    for line in text.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      let location = String(decoding: line, as: UTF8.self).folded
      if location.hasPrefix("http://") || location.hasPrefix("https://") {
        entries.append(Entry(location: location, lastModified: nil))
      } else if entries.isEmpty {
        return nil
      }
      if entries.count == Self.maximumEntries { break }
    }
    guard !entries.isEmpty else { return nil }
    self.init(kind: .text, entries: entries)
  }

  init(kind: Kind, entries: [Entry]) {
    self.kind = kind
    self.entries = entries
  }
}
