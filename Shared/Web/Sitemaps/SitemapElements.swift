import CXML

/// Collects the entries of a sitemap or feed from the start and end events of its XML elements.
final class SitemapElements {
  private(set) var kind: Sitemap.Kind?
  /// True if the root element is not that of a sitemap or feed.
  private(set) var hasUnknownRoot = false
  private var entries: [Sitemap.Entry] = []
  private var depth = 0
  /// The depth of the current entry. Only its direct children count, not those of images, videos and sources inside
  /// it.
  private var entryDepth = Int.max
  private var location: String?
  /// The `guid` of a feed entry if it is a URL; used if the entry has no link.
  private var guidLink: String?
  private var lastModified: String?
  private var text: [UInt8] = []
  private var isCollectingText = false

  /// The maximum length of a text in bytes; a longer text is not a URL or date and is cut off.
  private static let maximumText = 4096

  /// The XML elements that have a meaning in sitemaps and feeds.
  private enum Element {
    case pages, index, feed, entry, location, link, guid, date, other

    /// - Parameter name: the element name without namespace prefix.
    init(_ name: UnsafePointer<xmlChar>) {
      let name = unsafe UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)
      func isNamed(_ other: StaticString) -> Bool {
        unsafe xmlStrEqual(name, UnsafeRawPointer(other.utf8Start).assumingMemoryBound(to: CChar.self)) != 0
      }
      switch unsafe UInt8(bitPattern: name.pointee) {
      case UInt8(ascii: "l"):
        self = isNamed("loc") ? .location : isNamed("lastmod") ? .date : isNamed("link") ? .link : .other
      case UInt8(ascii: "u"):
        self = isNamed("url") ? .entry : isNamed("updated") ? .date : isNamed("urlset") ? .pages : .other
      case UInt8(ascii: "s"): self = isNamed("sitemap") ? .entry : isNamed("sitemapindex") ? .index : .other
      case UInt8(ascii: "i"): self = isNamed("item") ? .entry : .other
      case UInt8(ascii: "g"): self = isNamed("guid") ? .guid : .other
      case UInt8(ascii: "e"): self = isNamed("entry") ? .entry : .other
      case UInt8(ascii: "p"): self = isNamed("pubDate") ? .date : .other
      // Atom 0.3 uses this name.
      case UInt8(ascii: "m"): self = isNamed("modified") ? .date : .other
      case UInt8(ascii: "f"): self = isNamed("feed") ? .feed : .other
      case UInt8(ascii: "r"): self = isNamed("rss") ? .feed : .other
      case UInt8(ascii: "R"): self = isNamed("RDF") ? .feed : .other
      default: self = .other
      }
    }
  }

  func takeEntries() -> [Sitemap.Entry] {
    defer { entries = [] }
    return entries
  }

  func startElement(
    _ name: UnsafePointer<xmlChar>, _ count: Int, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    defer { depth += 1 }
    let element = unsafe Element(name)
    if depth == 0 {
      switch element {
      case .pages: kind = .pages
      case .index: kind = .index
      case .feed: kind = .feed
      default: hasUnknownRoot = true
      }
      return
    }
    let isInEntry = depth == entryDepth &+ 1
    switch element {
    case .entry:
      entryDepth = depth
      location = nil
      guidLink = nil
      lastModified = nil
    case .link where isInEntry && kind == .feed:
      startCollectingText()
      // Atom puts the link into an attribute; only a link to the page itself counts.
      let values = unsafe Self.dictionary(count, attributes)
      if let href = values["href"]?.folded, !href.isEmpty, values["rel"] ?? "alternate" == "alternate", location == nil
      {
        location = href
      }
    case .guid where isInEntry && kind == .feed:
      // A guid is a link unless `isPermaLink` is false (RSS 2.0).
      if unsafe Self.dictionary(count, attributes)["isPermaLink"]?.folded.lowercased() != "false" {
        startCollectingText()
      }
    case .location where isInEntry && kind != .feed, .date where isInEntry: startCollectingText()
    default: break
    }
  }

  func endElement(_ name: UnsafePointer<xmlChar>) {
    depth -= 1
    switch unsafe Element(name) {
    case .location, .link: if let value = takeText(), location == nil { location = value }
    case .guid:
      if let value = takeText(), value.hasPrefix("http://") || value.hasPrefix("https://") { guidLink = value }
    case .date: if let value = takeText() { lastModified = value }
    case .entry:
      if let location = location ?? guidLink, kind != nil {
        entries.append(Sitemap.Entry(location: location, lastModified: lastModified))
      }
      location = nil
      entryDepth = Int.max
    default: break
    }
  }

  /// - Parameter isLiteral: true for a CDATA section. The parser does not decode references in it, but many sites
  ///   escape ampersands there.
  func addText(_ piece: UnsafeBufferPointer<UInt8>, isLiteral: Bool = false) {
    guard isCollectingText, text.count + piece.count <= Self.maximumText else { return }
    if isLiteral {
      text += unsafe String(decoding: piece, as: UTF8.self).replacing("&amp;", with: "&").utf8
    } else {
      unsafe text.append(contentsOf: piece)
    }
  }

  private func startCollectingText() {
    text.removeAll(keepingCapacity: true)
    isCollectingText = true
  }

  private func takeText() -> String? {
    guard isCollectingText else { return nil }
    isCollectingText = false
    return SitemapText.line(text[...])
  }

  private static func dictionary(
    _ count: Int, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) -> [String: String] {
    guard let attributes = unsafe attributes else { return [:] }
    var values: [String: String] = [:]
    for index in 0..<count {
      // Each attribute is five pointers: local name, prefix, URI, start and end of the value.
      let fields = unsafe attributes + index * 5
      guard let name = unsafe fields[0], let start = unsafe fields[3], let end = unsafe fields[4] else { continue }
      unsafe values[String(cString: name)] = String(
        decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self
      )
      // If entities are not expanded, libxml2 leaves this reference for an ampersand in attributes.
      .replacing("&#38;", with: "&")
    }
    return values
  }
}
